import { createHash, createHmac, createPublicKey, randomBytes, verify } from "node:crypto";
import t from "tap";
import { ParameterWriter } from "#src/operations/cryptoki/parameters.js";
import {
  bytesOf,
  CryptokiClient,
  resultOf,
  type TemplateOf,
  writeMechanism,
  writeTemplate,
} from "#test/support/cryptoki.js";
import { connectTo, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
const cryptoki = await CryptokiClient.initialise(client);
const session = await cryptoki.openSession();
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const p256 = Buffer.from("06082a8648ce3d030107", "hex");
const kinds = { rsa: 0, ec: 3, generic: 0x10, aes: 0x1f } as const;

async function pair(type: number, publicTemplate: TemplateOf, privateTemplate: TemplateOf) {
  const input = writeMechanism(new ParameterWriter().ulong(session), type);
  writeTemplate(writeTemplate(input, publicTemplate), privateTemplate);
  const { code, output } = await cryptoki.call("C_GenerateKeyPair", input);
  return code === "OK" ? { code, publicKey: output.handle(), privateKey: output.handle() } : { code };
}

function create(template: TemplateOf) {
  return cryptoki.call("C_CreateObject", writeTemplate(new ParameterWriter().ulong(session), template));
}

async function verified(mechanism: readonly [number, Buffer?], key: bigint, data: Buffer, signature: Buffer) {
  await cryptoki.start("C_VerifyInit", session, mechanism, key);
  const input = new ParameterWriter().ulong(session).counted(data).counted(signature);
  return (await cryptoki.call("C_Verify", input)).code;
}

async function signed(mechanism: readonly [number, Buffer?], key: bigint, data: Buffer) {
  await cryptoki.start("C_SignInit", session, mechanism, key);
  return resultOf(await cryptoki.whole("C_Sign", session, data));
}

t.test("ECDSA signatures are r and s side by side, over data and over digests", async (t) => {
  const made = await pair(0x1040, { EC_PARAMS: p256, VERIFY: true }, { SIGN: true });
  if (made.publicKey === undefined) throw new RangeError(made.code);
  const data = Buffer.from("signed by PKCS#11");
  const signature = await signed([0x1044], made.privateKey, data);
  t.equal(signature.length, 64);
  const spki = bytesOf(await cryptoki.attribute(session, made.publicKey, "PUBLIC_KEY_INFO"));
  const publicKey = createPublicKey({ key: spki, format: "der", type: "spki" });
  t.ok(verify("sha256", data, { key: publicKey, dsaEncoding: "ieee-p1363" }, signature));
  t.equal(await verified([0x1044], made.publicKey, data, signature), "OK");
  t.equal(await verified([0x1041], made.publicKey, createHash("sha256").update(data).digest(), signature), "OK");
  t.equal(await verified([0x1044], made.publicKey, Buffer.from("other"), signature), "SIGNATURE_INVALID");
  t.equal(await verified([0x1044], made.publicKey, data, signature.subarray(1)), "SIGNATURE_LEN_RANGE");
  const point = bytesOf(await cryptoki.attribute(session, made.publicKey, "EC_POINT"));
  t.strictSame([point.length, ...point.subarray(0, 3)], [67, 4, 65, 4]);
});

t.test("RSA signs data, digests inside a DigestInfo, and by PSS", async (t) => {
  const made = await pair(0, { MODULUS_BITS: 2048, VERIFY: true, ENCRYPT: true }, { SIGN: true, DECRYPT: true });
  if (made.publicKey === undefined) throw new RangeError(made.code);
  const data = Buffer.from("signed by PKCS#11");
  const signature = await signed([0x40], made.privateKey, data);
  const digestInfo = Buffer.concat([
    Buffer.from("3031300d060960864801650304020105000420", "hex"),
    createHash("sha256").update(data).digest(),
  ]);
  t.strictSame(await signed([0x01], made.privateKey, digestInfo), signature);
  t.equal(await verified([0x40], made.publicKey, data, signature), "OK");
  await cryptoki.start("C_SignInit", session, [0x01], made.privateKey);
  t.equal((await cryptoki.whole("C_Sign", session, data)).code, "DATA_INVALID");
  const pss = new ParameterWriter().ulong(0x250).ulong(2).ulong(32).done();
  const padded = await signed([0x43, pss], made.privateKey, data);
  t.equal(await verified([0x43, pss], made.publicKey, data, padded), "OK");
  const oaep = new ParameterWriter().ulong(0x220).ulong(1).ulong(1).counted(Buffer.alloc(0)).done();
  await cryptoki.start("C_EncryptInit", session, [0x09, oaep], made.publicKey);
  const sealed = resultOf(await cryptoki.whole("C_Encrypt", session, data));
  await cryptoki.start("C_DecryptInit", session, [0x09, oaep], made.privateKey);
  t.strictSame(resultOf(await cryptoki.whole("C_Decrypt", session, sealed)), data);
  t.equal((await cryptoki.attribute(session, made.privateKey, "PRIVATE_EXPONENT")).code, "ATTRIBUTE_SENSITIVE");
});

t.test("codes and digests in parts are those of their standards", async (t) => {
  const value = randomBytes(32);
  const { output } = await create({ CLASS: 4, KEY_TYPE: kinds.generic, VALUE: value, SIGN: true, VERIFY: true });
  const key = output.handle();
  const data = randomBytes(70);
  const code = createHmac("sha256", value).update(data).digest();
  t.strictSame(await signed([0x251], key, data), code);
  t.equal(await verified([0x251], key, data, code), "OK");
  t.equal(await verified([0x251], key, data, Buffer.alloc(32)), "SIGNATURE_INVALID");
  await cryptoki.call("C_DigestInit", writeMechanism(new ParameterWriter().ulong(session), 0x250));
  for (const part of [data.subarray(0, 9), data.subarray(9)]) {
    await cryptoki.call("C_DigestUpdate", new ParameterWriter().ulong(session).counted(part));
  }
  const digest = resultOf(await cryptoki.last("C_DigestFinal", session));
  t.strictSame(digest, createHash("sha256").update(data).digest());
});

t.test("a key leaves wrapped only if it is extractable, and comes back as a key", async (t) => {
  const wrapping = await cryptoki.generateKey(session, { WRAP: true, UNWRAP: true });
  const sealedFor = (id: bigint) =>
    cryptoki.call(
      "C_WrapKey",
      writeMechanism(new ParameterWriter().ulong(session), 0x2109).ulong(wrapping).ulong(id).boolean(true).length(99),
    );
  const kept = await cryptoki.generateKey(session, { ENCRYPT: true });
  t.equal((await sealedFor(kept)).code, "KEY_UNEXTRACTABLE");
  const value = randomBytes(32);
  const template = { CLASS: 4, KEY_TYPE: kinds.aes, VALUE: value, EXTRACTABLE: true, ENCRYPT: true };
  const { output } = await create(template);
  const wrapped = resultOf(await sealedFor(output.handle()));
  t.equal(wrapped.length, 40);
  const unwrap = (bytes: Buffer) =>
    cryptoki.call(
      "C_UnwrapKey",
      writeTemplate(writeMechanism(new ParameterWriter().ulong(session), 0x2109).ulong(wrapping).counted(bytes), {
        CLASS: 4,
        KEY_TYPE: kinds.aes,
        EXTRACTABLE: true,
        SENSITIVE: false,
      }),
    );
  const back = (await unwrap(wrapped)).output.handle();
  t.strictSame(bytesOf(await cryptoki.attribute(session, back, "VALUE")), value);
  t.equal((await unwrap(Buffer.alloc(40))).code, "WRAPPED_KEY_INVALID");
});

t.test("attributes tell what there is, how long it is, and what is not told", async (t) => {
  const key = await cryptoki.generateKey(session, { LABEL: "told" });
  t.equal(bytesOf(await cryptoki.attribute(session, key, "LABEL")).toString(), "told");
  const { output } = await cryptoki.attribute(session, key, "LABEL", null);
  output.take(12);
  t.strictSame([output.boolean(), output.boolean(), output.length(), output.left], [false, true, 4, 0]);
  t.equal((await cryptoki.attribute(session, key, "LABEL", 3)).code, "BUFFER_TOO_SMALL");
  t.equal((await cryptoki.attribute(session, key, "VALUE")).code, "ATTRIBUTE_SENSITIVE");
  t.equal((await cryptoki.attribute(session, key, "MODULUS")).code, "ATTRIBUTE_TYPE_INVALID");
  const template = writeTemplate(new ParameterWriter().ulong(session).ulong(key), { LABEL: "other" });
  t.equal((await cryptoki.call("C_SetAttributeValue", template)).code, "ACTION_PROHIBITED");
});

t.test("objects of every class can be brought in, and templates that make no sense cannot", async (t) => {
  const data = await create({ CLASS: 0, VALUE: Buffer.from("data"), LABEL: "data" });
  t.equal(bytesOf(await cryptoki.attribute(session, data.output.handle(), "VALUE")).toString(), "data");
  const made = await pair(0x1040, { EC_PARAMS: p256 }, {});
  if (made.publicKey === undefined) throw new RangeError(made.code);
  const point = bytesOf(await cryptoki.attribute(session, made.publicKey, "EC_POINT"));
  const publicKey = { CLASS: 2, KEY_TYPE: kinds.ec, EC_PARAMS: p256, EC_POINT: point, VERIFY: true };
  t.equal((await create(publicKey)).code, "OK");
  t.equal((await create({ ...publicKey, EC_POINT: Buffer.from("0401ff", "hex") })).code, "ATTRIBUTE_VALUE_INVALID");
  t.equal((await create({ CLASS: 4, KEY_TYPE: kinds.aes })).code, "TEMPLATE_INCOMPLETE");
  t.equal((await create({ KEY_TYPE: kinds.aes })).code, "TEMPLATE_INCOMPLETE");
  t.equal((await create({ CLASS: 4, KEY_TYPE: kinds.aes, VALUE: Buffer.alloc(15) })).code, "ATTRIBUTE_VALUE_INVALID");
  t.equal((await cryptoki.tryGenerateKey(session, { VALUE_LEN: 32, CLASS: 2 })).code, "TEMPLATE_INCONSISTENT");
  t.equal((await cryptoki.tryGenerateKey(session, {})).code, "TEMPLATE_INCOMPLETE");
  t.equal((await cryptoki.tryGenerateKey(session, { VALUE_LEN: 32, MODULUS_BITS: 1 })).code, "ATTRIBUTE_TYPE_INVALID");
  t.equal((await pair(0x1040, { EC_PARAMS: Buffer.from("0500", "hex") }, {})).code, "CURVE_NOT_SUPPORTED");
});

t.test("random numbers are given, and seeds are not used", async (t) => {
  const { output } = await cryptoki.call("C_GenerateRandom", new ParameterWriter().ulong(session).length(40));
  t.equal(output.left, 40);
  const none = new ParameterWriter().ulong(session).length(0);
  t.equal((await cryptoki.call("C_GenerateRandom", none)).code, "ARGUMENTS_BAD");
  const seed = new ParameterWriter().ulong(session).counted(randomBytes(8));
  t.equal((await cryptoki.call("C_SeedRandom", seed)).code, "RANDOM_SEED_NOT_SUPPORTED");
});
