import { constants, generateKeyPairSync, publicEncrypt, randomBytes, randomUUID } from "node:crypto";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import {
  CryptographicAlgorithm,
  CryptographicUsageMask,
  EncodingOption,
  KeyFormatType,
  KeyWrapType,
  ObjectType,
  Operation,
  PaddingMethod,
  ResultReason,
  ResultStatus,
  WrappingMethod,
} from "#protocol/enums/index.js";
import type { CryptographicParameters } from "#protocol/structures/cryptographic-parameters.js";
import { type ProtocolVersion, V1_4, V2_1 } from "#protocol/versions.js";
import { ParameterWriter } from "#src/operations/cryptoki/parameters.js";
import { bytesOf, CryptokiClient, resultOf, writeMechanism, writeTemplate } from "#test/support/cryptoki.js";
import { actionsOf, instance, nameOf, requested } from "#test/support/kmip-actions.js";
import { ask, named } from "#test/support/kmip-client-messages.js";
import { connectTo, runKeyreeve, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});
const { act } = actionsOf(client, V2_1);
const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pkcs1 = { paddingMethod: PaddingMethod.PKCS1V1_5 };
const oaep = { paddingMethod: PaddingMethod.OAEP };

/** Sets how many PKCS#1 v1.5 decryptions a key may do in an hour. */
async function allow(count: number): Promise<void> {
  const { code, stderr } = await runKeyreeve(server.home, ["tenant", "set", "demo", "--pkcs1-decryptions", `${count}`]);
  if (code !== 0) throw new Error(stderr);
}

/** Registers the private key under a name, with Cryptographic Parameters of its own. */
async function registered(name: string, ...own: readonly CryptographicParameters[]): Promise<string> {
  const keyMaterial = pair.privateKey.export({ type: "pkcs8", format: "der" });
  const mask = CryptographicUsageMask.Decrypt | CryptographicUsageMask.UnwrapKey;
  const set = requested(
    nameOf(name),
    instance(attributes.cryptographicUsageMask, mask),
    instance(attributes.activationDate, 1000),
    ...own.map((each) => instance(attributes.cryptographicParameters, each)),
  );
  const privateKey = { keyBlock: { keyFormatType: KeyFormatType.PKCS_8, keyValue: { keyMaterial } } };
  const made = await act<{ uniqueIdentifier: string }>(Operation.Register, undefined, {
    objectType: ObjectType.PrivateKey,
    attributes: set,
    privateKey,
  });
  return made.uniqueIdentifier;
}

async function decrypted(id: string, data: Buffer, cryptographicParameters: CryptographicParameters = pkcs1) {
  const payload = { uniqueIdentifier: named(id), cryptographicParameters, data };
  const answered = await ask(client, V2_1, { operation: Operation.Decrypt, payload });
  const { status, reason, message } = answered;
  return { status, reason, message };
}

async function plaintext(id: string, data: Buffer, version: ProtocolVersion = V2_1): Promise<Buffer | undefined> {
  const payload = { cryptographicParameters: pkcs1, data };
  return (await actionsOf(client, version).act<{ data?: Buffer }>(Operation.Decrypt, id, payload)).data;
}

const encrypted = (data: Buffer): Buffer =>
  publicEncrypt({ key: pair.publicKey, padding: constants.RSA_PKCS1_PADDING }, data);
/** A ciphertext of a message whose padding is wrong. */
const unpadded = (): Buffer =>
  publicEncrypt({ key: pair.publicKey, padding: constants.RSA_NO_PADDING }, Buffer.alloc(256, 7));
const refused = { status: ResultStatus.OperationFailed, reason: ResultReason.UnsupportedCryptographicParameters };
const [strict, lenient, limited] = [
  await registered("strict", oaep),
  await registered("lenient", oaep, pkcs1),
  await registered("limited", pkcs1),
];

t.test("PKCS#1 v1.5 padding is taken off for no tenant by default, and only with keys that name it", async (t) => {
  const data = encrypted(Buffer.from("a message"));
  t.match(await decrypted(lenient, data), refused);
  await allow(105);
  t.match(await decrypted(strict, data), refused);
  t.same(await plaintext(lenient, data), Buffer.from("a message"));
  const shown = await runKeyreeve(server.home, ["tenant", "show", "demo"]);
  t.match(shown.stdout, /PKCS#1 v1\.5 decryptions: +105 a key and hour/);
  t.same(await plaintext(lenient, data, V1_4), Buffer.from("a message"));
});

t.test(
  "a ciphertext with wrong padding decrypts, to the same bytes every time and to others with another key",
  async (t) => {
    const data = unpadded();
    const one = await plaintext(lenient, data);
    t.same(await plaintext(lenient, data), one);
    t.notSame(await plaintext(limited, data), one);
    const wrongLength = await decrypted(lenient, data.subarray(1));
    t.match(wrongLength, { reason: ResultReason.CryptographicFailure, message: "decryption failed" });
  },
);

/** Imports a key that was wrapped with PKCS#1 v1.5 padding, and gives it back in plaintext. */
async function imported(value: Buffer): Promise<Buffer> {
  const keyBlock = {
    keyFormatType: KeyFormatType.Raw,
    keyValue: value,
    cryptographicAlgorithm: CryptographicAlgorithm.AES,
    cryptographicLength: 256,
    keyWrappingData: {
      wrappingMethod: WrappingMethod.Encrypt,
      encryptionKeyInformation: { uniqueIdentifier: lenient, cryptographicParameters: pkcs1 },
      encodingOption: EncodingOption.NoEncoding,
    },
  };
  const uniqueIdentifier = randomUUID();
  await act(Operation.Import, undefined, {
    uniqueIdentifier,
    objectType: ObjectType.SymmetricKey,
    keyWrapType: KeyWrapType.NotWrapped,
    attributes: [instance(attributes.cryptographicUsageMask, 12)],
    symmetricKey: { keyBlock },
  });
  const got = await act<{ symmetricKey: { keyBlock: { keyValue: { keyMaterial: Buffer } } } }>(
    Operation.Get,
    uniqueIdentifier,
  );
  return got.symmetricKey.keyBlock.keyValue.keyMaterial;
}

t.test("a wrapped key with wrong padding, or of another length, becomes a key that nobody knows", async (t) => {
  const key = randomBytes(32);
  t.same(await imported(encrypted(key)), key);
  const short = randomBytes(16);
  for (const value of [unpadded(), encrypted(short)]) {
    const made = await imported(value);
    t.equal(made.length, 32);
    t.notSame(made.subarray(0, 16), short);
  }
});

t.test("PKCS#11 decrypts and unwraps by the same rules", async (t) => {
  const cryptoki = await CryptokiClient.initialise(client);
  const session = await cryptoki.openSession();
  const [key = 0n] = await cryptoki.find(session, { LABEL: "lenient" });
  const open = async (data: Buffer) => {
    await cryptoki.start("C_DecryptInit", session, [0x01], key);
    return cryptoki.whole("C_Decrypt", session, data);
  };
  t.same(resultOf(await open(encrypted(Buffer.from("a message")))), Buffer.from("a message"));
  t.equal((await open(unpadded())).code, "OK");
  t.equal((await open(Buffer.alloc(255, 1))).code, "ENCRYPTED_DATA_INVALID");
  const unwrap = (bytes: Buffer, SENSITIVE = false) =>
    cryptoki.call(
      "C_UnwrapKey",
      writeTemplate(writeMechanism(new ParameterWriter().ulong(session), 0x01).ulong(key).counted(bytes), {
        CLASS: 4,
        KEY_TYPE: 0x1f,
        VALUE_LEN: 32,
        EXTRACTABLE: true,
        SENSITIVE,
      }),
    );
  const value = randomBytes(32);
  const back = (await unwrap(encrypted(value))).output.handle();
  t.same(bytesOf(await cryptoki.attribute(session, back, "VALUE")), value);
  for (const bytes of [unpadded(), encrypted(randomBytes(24))]) t.equal((await unwrap(bytes)).code, "OK");
  t.equal((await unwrap(encrypted(value), true)).code, "TEMPLATE_INCONSISTENT", "it would be outside the token");
  const [other = 0n] = await cryptoki.find(session, { LABEL: "strict" });
  await cryptoki.start("C_DecryptInit", session, [0x01], other);
  t.equal((await cryptoki.whole("C_Decrypt", session, encrypted(value))).code, "MECHANISM_INVALID");
});

t.test("a key decrypts so often in an hour, and what failed is an event when it is much", async (t) => {
  const before = await server.administration.exportAudit();
  t.notMatch(before, /decryptions-failing/);
  const data = unpadded();
  let answered = await decrypted(limited, data);
  for (let time = 0; time < 150 && answered.status === ResultStatus.Success; time += 1) {
    answered = await decrypted(limited, data);
  }
  t.match(answered, { reason: ResultReason.ServerLimitExceeded, message: /at most 105 times an hour/ });
  const events = (await server.administration.exportAudit())
    .split("\n")
    .filter((line) => line.includes("decryptions-failing"));
  t.equal(events.length, 1);
  t.match(events[0], new RegExp(limited));
  t.match(events[0], /"failures\\*":101/);
});
