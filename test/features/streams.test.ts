import { createCipheriv, createHash, createHmac, randomBytes } from "node:crypto";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import {
  BlockCipherMode,
  CryptographicAlgorithm,
  CryptographicUsageMask,
  DigitalSignatureAlgorithm,
  HashingAlgorithm,
  Operation,
  PaddingMethod,
  ResultReason,
  RevocationReasonCode,
  UsageLimitsUnit,
  ValidityIndicator,
} from "#protocol/enums/index.js";
import { type ProtocolVersion, V1_2, V1_3, V1_4, V2_1 } from "#protocol/versions.js";
import { actionsOf, aesKey, instance, registeredAesKey, requested } from "#test/support/kmip-actions.js";
import { ask, askFor, named } from "#test/support/kmip-client-messages.js";
import { connectTo, readIdentity, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
const identity = readIdentity(await server.administration.issueClient("demo", "another"));
const other = await connectTo(server, { identity });
t.teardown(async () => {
  await Promise.all([client.close(), other.close()]);
  await server.stop();
});

const { act, create, revoke, destroy, value } = actionsOf(client, V2_1);
const active = instance(attributes.activationDate, 1000);
const gcm = { blockCipherMode: BlockCipherMode.GCM, tagLength: 16 };

interface Part {
  readonly uniqueIdentifier?: string;
  readonly data?: Buffer;
  readonly correlationValue?: Buffer;
  readonly ivCounterNonce?: Buffer;
  readonly authenticatedEncryptionTag?: Buffer;
  readonly signatureData?: Buffer;
  readonly macData?: Buffer;
  readonly validityIndicator?: number;
}

/** Has an operation done over three requests; gives the answers. */
async function inThree(
  operation: number,
  payload: { readonly data: Buffer } & Record<string, unknown>,
  last: object = {},
  version: ProtocolVersion = V2_1,
): Promise<readonly Part[]> {
  const { data, ...first } = payload;
  const subject = "uniqueIdentifier" in payload ? { uniqueIdentifier: payload["uniqueIdentifier"] } : {};
  const parameters =
    operation === Operation.Hash ? { cryptographicParameters: payload["cryptographicParameters"] } : subject;
  const third = Math.ceil(data.length / 3);
  const step = (more: object) => askFor<Part>(client, version, operation, { ...parameters, ...more });
  const begun = await step({ ...first, data: data.subarray(0, third), initIndicator: true });
  const { correlationValue } = begun;
  const middle = await step({ correlationValue, data: data.subarray(third, 2 * third) });
  const end = await step({ correlationValue, data: data.subarray(2 * third), finalIndicator: true, ...last });
  return [begun, middle, end];
}

function joined(parts: readonly Part[]): Buffer {
  return Buffer.concat(parts.flatMap(({ data }) => (data === undefined ? [] : [data])));
}

async function registered(key: Buffer, ...more: readonly AttributeInstance[]): Promise<string> {
  const payload = registeredAesKey(key, active, ...more);
  const { uniqueIdentifier } = await askFor<{ uniqueIdentifier: string }>(client, V2_1, Operation.Register, payload);
  return uniqueIdentifier;
}

async function begin(id: string, who = client, version: ProtocolVersion = V2_1): Promise<Part> {
  const payload = {
    uniqueIdentifier: named(id),
    data: Buffer.alloc(16),
    cryptographicParameters: gcm,
    initIndicator: true,
  };
  return askFor<Part>(who, version, Operation.Encrypt, payload);
}

async function reasonOf(
  payload: object,
  who = client,
  operation: number = Operation.Encrypt,
): Promise<number | undefined> {
  return (await ask(who, V2_1, { operation, payload })).reason;
}

t.test("Encrypt and Decrypt in three parts give what they give whole, with the tag at the end", async (t) => {
  const key = randomBytes(32);
  const id = await registered(key);
  const data = randomBytes(100);
  const additional = Buffer.from("additional");
  const encrypted = await inThree(Operation.Encrypt, {
    uniqueIdentifier: named(id),
    cryptographicParameters: gcm,
    authenticatedEncryptionAdditionalData: additional,
    data,
  });
  const [{ ivCounterNonce = Buffer.alloc(0) } = {}, , { authenticatedEncryptionTag, correlationValue } = {}] =
    encrypted;
  const cipher = createCipheriv("aes-256-gcm", key, ivCounterNonce);
  cipher.setAAD(additional);
  t.same(joined(encrypted), Buffer.concat([cipher.update(data), cipher.final()]));
  t.same(authenticatedEncryptionTag, cipher.getAuthTag());
  t.equal(correlationValue, undefined, "a stream that has ended has no correlation value");
  const decrypted = await inThree(Operation.Decrypt, {
    uniqueIdentifier: named(id),
    cryptographicParameters: gcm,
    ivCounterNonce,
    authenticatedEncryptionAdditionalData: additional,
    authenticatedEncryptionTag,
    data: joined(encrypted),
  });
  t.same(
    decrypted.map((part) => part.data?.length ?? 0),
    [0, 0, data.length],
    "nothing is given before the tag is checked",
  );
  t.same(joined(decrypted), data);
});

t.test("a wrong tag at the end of Decrypt gives nothing, and the stream is gone", async (t) => {
  const id = await registered(randomBytes(16));
  const first = { uniqueIdentifier: named(id), cryptographicParameters: gcm, ivCounterNonce: randomBytes(12) };
  const begun = await askFor<Part>(client, V2_1, Operation.Decrypt, {
    ...first,
    data: randomBytes(32),
    authenticatedEncryptionTag: randomBytes(16),
    initIndicator: true,
  });
  const { correlationValue } = begun;
  const last = { uniqueIdentifier: named(id), correlationValue, finalIndicator: true };
  t.equal(await reasonOf(last, client, Operation.Decrypt), ResultReason.CryptographicFailure);
  t.equal(await reasonOf(last, client, Operation.Decrypt), ResultReason.InvalidCorrelationValue);
});

t.test("before 1.4 the tag stands behind the last part, going out and coming in", async (t) => {
  const key = randomBytes(16);
  const id = await registered(key);
  const data = randomBytes(50);
  const encrypted = await inThree(
    Operation.Encrypt,
    { uniqueIdentifier: named(id), cryptographicParameters: gcm, data },
    {},
    V1_3,
  );
  t.equal(joined(encrypted).length, data.length + 16);
  const { ivCounterNonce } = encrypted[0] ?? {};
  const ciphertext = {
    uniqueIdentifier: named(id),
    cryptographicParameters: gcm,
    ivCounterNonce,
    data: joined(encrypted),
  };
  t.same(joined(await inThree(Operation.Decrypt, ciphertext, {}, V1_3)), data);
});

t.test("blocks are held until they are whole, and padded at the end", async (t) => {
  const key = randomBytes(32);
  const id = await registered(key);
  const iv = randomBytes(16);
  const data = randomBytes(41);
  for (const paddingMethod of [PaddingMethod.PKCS5, PaddingMethod.ANSIX9_23]) {
    const cryptographicParameters = { blockCipherMode: BlockCipherMode.CBC, paddingMethod };
    const common = { uniqueIdentifier: named(id), cryptographicParameters, ivCounterNonce: iv };
    const encrypted = await inThree(Operation.Encrypt, { ...common, data });
    const whole = await askFor<Part>(client, V2_1, Operation.Encrypt, { ...common, data });
    t.same(joined(encrypted), whole.data);
    t.same(joined(await inThree(Operation.Decrypt, { ...common, data: joined(encrypted) })), data);
  }
  const unpadded = { blockCipherMode: BlockCipherMode.CBC };
  const payload = { uniqueIdentifier: named(id), cryptographicParameters: unpadded, ivCounterNonce: iv, data };
  const { correlationValue } = await askFor<Part>(client, V2_1, Operation.Encrypt, { ...payload, initIndicator: true });
  const last = { uniqueIdentifier: named(id), correlationValue, finalIndicator: true };
  t.equal(await reasonOf(last), ResultReason.CryptographicFailure, "without padding the data must be whole blocks");
});

t.test("modes that the token lacks stream in software", async (t) => {
  const id = await registered(randomBytes(16));
  const cryptographicParameters = { blockCipherMode: BlockCipherMode.OFB };
  const common = { uniqueIdentifier: named(id), cryptographicParameters, ivCounterNonce: randomBytes(16) };
  const data = randomBytes(70);
  const encrypted = await inThree(Operation.Encrypt, { ...common, data });
  t.same(joined(encrypted), (await askFor<Part>(client, V2_1, Operation.Encrypt, { ...common, data })).data);
  t.same(joined(await inThree(Operation.Decrypt, { ...common, data: joined(encrypted) })), data);
});

t.test("Sign and Signature Verify in parts", async (t) => {
  const algorithm = instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.EC);
  const made = await askFor<Record<string, string>>(client, V2_1, Operation.CreateKeyPair, {
    commonAttributes: requested(algorithm, active),
    privateKeyAttributes: requested(instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Sign)),
    publicKeyAttributes: requested(instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Verify)),
  });
  const data = randomBytes(90);
  const cryptographicParameters = { digitalSignatureAlgorithm: DigitalSignatureAlgorithm.ECDSAWithSHA256 };
  const privateKey = { uniqueIdentifier: named(made["privateKeyUniqueIdentifier"] ?? ""), cryptographicParameters };
  const publicKey = { uniqueIdentifier: named(made["publicKeyUniqueIdentifier"] ?? ""), cryptographicParameters };
  const signed = await inThree(Operation.Sign, { ...privateKey, data });
  const { signatureData } = signed.at(-1) ?? {};
  t.same(
    signed.map((part) => part.signatureData !== undefined),
    [false, false, true],
  );
  const checked = await askFor<Part>(client, V2_1, Operation.SignatureVerify, { ...publicKey, data, signatureData });
  t.equal(checked.validityIndicator, ValidityIndicator.Valid);
  const verified = await inThree(Operation.SignatureVerify, { ...publicKey, data }, { signatureData });
  t.same(
    verified.map((part) => part.validityIndicator),
    [undefined, undefined, ValidityIndicator.Valid],
  );
  const altered = Buffer.concat([data, Buffer.of(1)]);
  const refuted = await inThree(Operation.SignatureVerify, { ...publicKey, data: altered }, { signatureData });
  t.equal(refuted.at(-1)?.validityIndicator, ValidityIndicator.Invalid);
});

t.test("MAC, MAC Verify and Hash in parts, by the token and in software", async (t) => {
  const key = randomBytes(32);
  const mask = CryptographicUsageMask.MACGenerate | CryptographicUsageMask.MACVerify;
  const { uniqueIdentifier: id } = await askFor<{ uniqueIdentifier: string }>(client, V2_1, Operation.Register, {
    ...(registeredAesKey(key) as object),
    attributes: requested(instance(attributes.cryptographicUsageMask, mask), active),
  });
  const data = randomBytes(90);
  const rows = [
    ["sha256", CryptographicAlgorithm.HMAC_SHA256, HashingAlgorithm.SHA_256],
    ["sha3-256", CryptographicAlgorithm.HMAC_SHA3_256, HashingAlgorithm.SHA3_256],
  ] as const;
  for (const [name, cryptographicAlgorithm, hashingAlgorithm] of rows) {
    const payload = { uniqueIdentifier: named(id), cryptographicParameters: { cryptographicAlgorithm }, data };
    const macData = createHmac(name, key).update(data).digest();
    t.same((await inThree(Operation.MAC, payload)).at(-1)?.macData, macData, name);
    const verified = await inThree(Operation.MACVerify, payload, { macData });
    t.equal(verified.at(-1)?.validityIndicator, ValidityIndicator.Valid);
    const hashed = await inThree(Operation.Hash, { cryptographicParameters: { hashingAlgorithm }, data });
    t.same(hashed.at(-1)?.data, createHash(name).update(data).digest(), name);
  }
});

t.test("a stream is its client's, its key's and its operation's", async (t) => {
  const id = await registered(randomBytes(16));
  const another = await registered(randomBytes(16));
  const { correlationValue } = await begin(id);
  const data = Buffer.alloc(16);
  const next = { uniqueIdentifier: named(id), correlationValue, data };
  const { InvalidCorrelationValue } = ResultReason;
  t.equal(await reasonOf(next, other), InvalidCorrelationValue, "another client");
  t.equal(await reasonOf({ ...next, uniqueIdentifier: named(another) }), InvalidCorrelationValue, "another key");
  t.equal(await reasonOf(next, client, Operation.Decrypt), InvalidCorrelationValue, "another operation");
  t.equal(await reasonOf({ ...next, correlationValue: randomBytes(16) }), InvalidCorrelationValue, "a guess");
  t.equal(await reasonOf({ ...next, initIndicator: true }), ResultReason.InvalidMessage, "begun twice");
  t.equal(await reasonOf({ uniqueIdentifier: named(id), correlationValue }), ResultReason.InvalidMessage, "no data");
  const alone = { uniqueIdentifier: named(id), data, finalIndicator: true };
  t.equal(await reasonOf(alone), InvalidCorrelationValue, "an end without a beginning");
  t.equal(await reasonOf({ ...next, finalIndicator: true }), undefined, "the stream itself is untouched");
});

t.test("a revoked or destroyed key is noticed at the next part", async (t) => {
  const id = await create(active);
  const { correlationValue } = await begin(id);
  const next = { uniqueIdentifier: named(id), correlationValue, data: Buffer.alloc(16) };
  await revoke(id, RevocationReasonCode.KeyCompromise);
  t.equal(await reasonOf(next), ResultReason.WrongKeyLifecycleState);
  await destroy(id);
  t.equal(await reasonOf(next), ResultReason.ObjectDestroyed);
});

t.test("Usage Limits count the bytes of every part, or one object for all of them", async (t) => {
  const limited = (usageLimitsUnit: number, usageLimitsTotal: bigint) =>
    create(active, instance(attributes.usageLimits, { usageLimitsTotal, usageLimitsUnit }));
  const data = randomBytes(90);
  const streamWith = (id: string) =>
    inThree(Operation.Encrypt, { uniqueIdentifier: named(id), cryptographicParameters: gcm, data });
  const byObject = await limited(UsageLimitsUnit.Object, 2n);
  await streamWith(byObject);
  t.equal((await value(byObject, attributes.usageLimits))?.usageLimitsCount, 1n);
  const byByte = await limited(UsageLimitsUnit.Byte, 100n);
  await streamWith(byByte);
  t.equal((await value(byByte, attributes.usageLimits))?.usageLimitsCount, 10n);
  const begun = { uniqueIdentifier: named(byByte), cryptographicParameters: gcm, initIndicator: true };
  const { correlationValue } = await act<Part>(Operation.Encrypt, byByte, begun);
  const next = { uniqueIdentifier: named(byByte), correlationValue };
  t.equal(await reasonOf({ ...next, data }), ResultReason.UsageLimitExceeded);
  t.equal(await reasonOf({ ...next, data: data.subarray(0, 10), finalIndicator: true }), undefined, "it can go on");
});

t.test("a client has sixteen streams at once, and another client its own", async (t) => {
  const { uniqueIdentifier } = await askFor<{ uniqueIdentifier: string }>(
    other,
    V2_1,
    Operation.Create,
    aesKey(active),
  );
  const begun: Part[] = [];
  for (let opened = 0; opened < 16; opened += 1) begun.push(await begin(uniqueIdentifier, other));
  const payload = { uniqueIdentifier: named(uniqueIdentifier), cryptographicParameters: gcm, initIndicator: true };
  t.equal(await reasonOf(payload, other), ResultReason.ServerLimitExceeded);
  for (const { correlationValue } of begun) {
    const last = { uniqueIdentifier: named(uniqueIdentifier), correlationValue, finalIndicator: true };
    await askFor(other, V2_1, Operation.Encrypt, last);
  }
  await begin(uniqueIdentifier, other);
});

t.test("Init and Final together, and neither, make a whole", async (t) => {
  const id = await registered(randomBytes(16));
  const payload = { uniqueIdentifier: named(id), cryptographicParameters: gcm, data: Buffer.alloc(5) };
  for (const version of [V1_3, V1_4, V2_1]) {
    const whole = await askFor<Part>(client, version, Operation.Encrypt, {
      ...payload,
      initIndicator: true,
      finalIndicator: true,
    });
    t.equal(whole.correlationValue, undefined);
    t.equal(whole.data?.length, version < V1_4 ? 21 : 5);
  }
  const answered = await askFor<Part>(client, V1_2, Operation.Encrypt, payload);
  t.equal(answered.data?.length, 21);
});
