import { createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify, X509Certificate } from "node:crypto";
import t, { type Test } from "tap";
import { createCertificateAuthority } from "#certs/certificates.js";
import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import {
  BlockCipherMode,
  CertificateType,
  CryptographicAlgorithm,
  CryptographicUsageMask,
  DerivationMethod,
  HashingAlgorithm,
  KeyFormatType,
  ObjectType,
  Operation,
  PaddingMethod,
  RecommendedCurve,
  ResultReason,
  SplitKeyMethod,
  ValidityIndicator,
} from "#protocol/enums/index.js";
import type { ProtocolVersion } from "#protocol/versions.js";
import { V1_2, V1_4, V2_0, V2_1 } from "#protocol/versions.js";
import { aesKey, instance, requested } from "#test/support/kmip-actions.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import { ask, askFor, named } from "#test/support/kmip-client-messages.js";
import { connectTo, readIdentity, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
await server.administration.createTenant("strict", JSON.stringify({ softwareCryptography: false }));
const strictFolder = await server.administration.issueClient("strict", "client");
const strict = await connectTo(server, { identity: readIdentity(strictFolder) });
t.teardown(async () => {
  await Promise.all([client.close(), strict.close()]);
  await server.stop();
});

const active = instance(attributes.activationDate, 1000);
const encrypting = CryptographicUsageMask.Encrypt | CryptographicUsageMask.Decrypt;

interface Answer {
  readonly uniqueIdentifier: string;
  readonly data?: Buffer;
  readonly ivCounterNonce?: Buffer;
  readonly authenticatedEncryptionTag?: Buffer;
  readonly signatureData?: Buffer;
  readonly validityIndicator?: number;
}

async function created(
  who: KmipClient,
  algorithm: number,
  length: number,
  ...more: readonly AttributeInstance[]
): Promise<string> {
  const kind = [
    instance(attributes.cryptographicAlgorithm, algorithm),
    instance(attributes.cryptographicLength, length),
  ];
  const usual = [instance(attributes.cryptographicUsageMask, encrypting), active].filter(
    ({ name }) => !more.some((other) => other.name === name),
  );
  const payload = { objectType: ObjectType.SymmetricKey, attributes: requested(...kind, ...usual, ...more) };
  return (await askFor<Answer>(who, V2_1, Operation.Create, payload)).uniqueIdentifier;
}

async function reasonOf(who: KmipClient, operation: number, payload: object): Promise<number | undefined> {
  return (await ask(who, V2_1, { operation, payload })).reason;
}

async function roundTrip(t: Test, id: string, parameters: object, version: ProtocolVersion) {
  const data = randomBytes(48);
  const common = { uniqueIdentifier: named(id), cryptographicParameters: parameters };
  const made = await askFor<Answer>(client, version, Operation.Encrypt, { ...common, data });
  const { ivCounterNonce, authenticatedEncryptionTag } = made;
  const back = await askFor<Answer>(client, version, Operation.Decrypt, {
    ...common,
    ivCounterNonce,
    authenticatedEncryptionTag,
    data: made.data,
  });
  t.same(back.data, data, JSON.stringify([parameters, version]));
}

t.test("keys of algorithms that the token lacks encrypt and decrypt in software", async (t) => {
  const { CBC, CTR, CCM, GCM, AEAD, CFB } = BlockCipherMode;
  const rows: readonly (readonly [number, number, readonly object[]])[] = [
    [CryptographicAlgorithm.AES, 256, [{ blockCipherMode: CFB }, { blockCipherMode: CCM }]],
    [CryptographicAlgorithm.Camellia, 256, [{ blockCipherMode: CBC, paddingMethod: PaddingMethod.PKCS5 }]],
    [CryptographicAlgorithm.ARIA, 192, [{ blockCipherMode: GCM }, { blockCipherMode: CTR }]],
    [CryptographicAlgorithm.SM4, 128, [{ blockCipherMode: CBC, paddingMethod: PaddingMethod.ISO10126 }]],
    [CryptographicAlgorithm.ChaCha20, 256, [{ ivLength: 96 }]],
    [CryptographicAlgorithm.ChaCha20Poly1305, 256, [{ blockCipherMode: AEAD }]],
    [CryptographicAlgorithm.DES3, 168, [{ blockCipherMode: CFB }]],
  ];
  for (const [algorithm, length, parameters] of rows) {
    const id = await created(client, algorithm, length);
    for (const each of parameters) {
      for (const version of [V1_2, V1_4, V2_0, V2_1]) await roundTrip(t, id, each, version);
    }
  }
});

t.test(
  "a tenant that allows no software, and a key that may not leave the token, are told what is lacking",
  async (t) => {
    const data = Buffer.alloc(16);
    const cfb = { cryptographicParameters: { blockCipherMode: BlockCipherMode.CFB }, data };
    const { UnsupportedCryptographicParameters: unsupported } = ResultReason;
    const id = await created(strict, CryptographicAlgorithm.AES, 128);
    t.equal(await reasonOf(strict, Operation.Encrypt, { ...cfb, uniqueIdentifier: named(id) }), unsupported);
    const hash = { cryptographicParameters: { hashingAlgorithm: HashingAlgorithm.SHA3_256 }, data };
    t.equal(await reasonOf(strict, Operation.Hash, hash), ResultReason.CryptographicFailure);
    for (const attribute of [instance(attributes.sensitive, true), instance(attributes.extractable, false)]) {
      const kept = await created(client, CryptographicAlgorithm.AES, 128, attribute);
      t.equal(await reasonOf(client, Operation.Encrypt, { ...cfb, uniqueIdentifier: named(kept) }), unsupported);
      const cbc = { cryptographicParameters: { blockCipherMode: BlockCipherMode.CBC }, data };
      t.equal(await reasonOf(client, Operation.Encrypt, { ...cbc, uniqueIdentifier: named(kept) }), undefined);
    }
  },
);

t.test("such a tenant's keys are not derived from, split or joined in the process either", async (t) => {
  const usage = instance(attributes.cryptographicUsageMask, CryptographicUsageMask.DeriveKey);
  const base = await created(strict, CryptographicAlgorithm.AES, 128, usage);
  const derived = (derivationMethod: number, derivationData: readonly Buffer[]) =>
    reasonOf(strict, Operation.DeriveKey, {
      objectType: ObjectType.SecretData,
      uniqueIdentifiers: [named(base)],
      derivationMethod,
      derivationParameters: {
        derivationData,
        cryptographicParameters: { hashingAlgorithm: HashingAlgorithm.SHA_256 },
      },
      attributes: requested(instance(attributes.cryptographicLength, 128)),
    });
  t.equal(await derived(DerivationMethod.HASH, []), ResultReason.PermissionDenied);
  t.equal(await derived(DerivationMethod.HKDF, []), ResultReason.PermissionDenied);
  t.equal(await derived(DerivationMethod.HMAC, [Buffer.from("data")]), undefined, "the token does this");
  const splitting = {
    objectType: ObjectType.SplitKey,
    uniqueIdentifier: named(base),
    splitKeyParts: 2,
    splitKeyThreshold: 2,
    splitKeyMethod: SplitKeyMethod.XOR,
    attributes: requested(),
  };
  t.equal(await reasonOf(strict, Operation.CreateSplitKey, splitting), ResultReason.PermissionDenied);
});

t.test("Hash is done with every hash function that the token or software has", async (t) => {
  const data = Buffer.from("data");
  const { MD5, SHA_512_256, SHA3_384, RIPEMD_160, Tiger } = HashingAlgorithm;
  const rows = [
    [MD5, "md5"],
    [SHA_512_256, "sha512-256"],
    [SHA3_384, "sha3-384"],
    [RIPEMD_160, "ripemd160"],
  ] as const;
  for (const [hashingAlgorithm, name] of rows) {
    const told = await askFor<Answer>(client, V2_1, Operation.Hash, {
      cryptographicParameters: { hashingAlgorithm },
      data,
    });
    t.same(told.data, createHash(name).update(data).digest(), name);
  }
  const tiger = { cryptographicParameters: { hashingAlgorithm: Tiger }, data };
  t.equal(await reasonOf(client, Operation.Hash, tiger), ResultReason.CryptographicFailure);
});

interface Pair {
  readonly privateKeyUniqueIdentifier: string;
  readonly publicKeyUniqueIdentifier: string;
}

function pairPayload(algorithm: number, ...more: readonly AttributeInstance[]): object {
  return {
    commonAttributes: requested(instance(attributes.cryptographicAlgorithm, algorithm), active, ...more),
    privateKeyAttributes: requested(instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Sign)),
    publicKeyAttributes: requested(instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Verify)),
  };
}

function onCurve(recommendedCurve: number): AttributeInstance {
  return instance(attributes.cryptographicDomainParameters, { recommendedCurve });
}

t.test("key pairs that the token makes none of are made, used and given out by software", async (t) => {
  const { EC, DSA, Ed25519, Ed448 } = CryptographicAlgorithm;
  const rows: readonly (readonly [string, object, string | null])[] = [
    ["secp256k1", pairPayload(EC, onCurve(RecommendedCurve.SECP256K1)), "sha256"],
    ["P-224", pairPayload(EC, onCurve(RecommendedCurve.P_224)), "sha256"],
    ["brainpoolP384r1", pairPayload(EC, onCurve(RecommendedCurve.BRAINPOOLP384R1)), "sha384"],
    ["DSA", pairPayload(DSA, instance(attributes.cryptographicLength, 2048)), "sha256"],
    ["Ed25519", pairPayload(Ed25519), null],
    ["Ed448", pairPayload(Ed448), null],
  ];
  const data = Buffer.from("what is signed");
  for (const [words, payload, hash] of rows) {
    const pair = await askFor<Pair>(client, V2_1, Operation.CreateKeyPair, payload);
    const privateKey = { uniqueIdentifier: named(pair.privateKeyUniqueIdentifier) };
    const publicKey = { uniqueIdentifier: named(pair.publicKeyUniqueIdentifier) };
    const { signatureData = Buffer.alloc(0) } = await askFor<Answer>(client, V2_1, Operation.Sign, {
      ...privateKey,
      data,
    });
    const checked = await askFor<Answer>(client, V2_1, Operation.SignatureVerify, {
      ...publicKey,
      data,
      signatureData,
    });
    t.equal(checked.validityIndicator, ValidityIndicator.Valid, words);
    const wrong = Buffer.concat([data, Buffer.of(1)]);
    const refuted = await askFor<Answer>(client, V2_1, Operation.SignatureVerify, {
      ...publicKey,
      data: wrong,
      signatureData,
    });
    t.equal(refuted.validityIndicator, ValidityIndicator.Invalid, words);
    const given = await askFor<{ publicKey: { keyBlock: { keyValue: { keyMaterial: Buffer } } } }>(
      client,
      V2_1,
      Operation.Get,
      { ...publicKey, keyFormatType: KeyFormatType.X_509 },
    );
    const key = createPublicKey({ key: given.publicKey.keyBlock.keyValue.keyMaterial, format: "der", type: "spki" });
    t.ok(verify(hash, data, key, signatureData), `${words}: others verify it with the key that is given out`);
  }
});

t.test("small curves and RSA keys are not made, nor any of software where the tenant allows none", async (t) => {
  const { EC, RSA } = CryptographicAlgorithm;
  const { InvalidAttributeValue } = ResultReason;
  const small = pairPayload(EC, onCurve(RecommendedCurve.P_192));
  t.equal(await reasonOf(client, Operation.CreateKeyPair, small), InvalidAttributeValue);
  const short = pairPayload(RSA, instance(attributes.cryptographicLength, 1024));
  t.equal(await reasonOf(strict, Operation.CreateKeyPair, short), InvalidAttributeValue);
  const k1 = pairPayload(EC, onCurve(RecommendedCurve.SECP256K1));
  t.equal(await reasonOf(strict, Operation.CreateKeyPair, k1), InvalidAttributeValue);
});

t.test("Signature Verify works with the key of a certificate", async (t) => {
  const authority = await createCertificateAuthority({ commonName: "signer", validityDays: 10 });
  const certificate = new X509Certificate(authority.certificatePem);
  const key = createPrivateKey(authority.privateKeyPem);
  const data = Buffer.from("what is signed");
  const signatureData = sign("sha256", data, key);
  const mask = instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Verify);
  const { uniqueIdentifier } = await askFor<Answer>(client, V2_1, Operation.Register, {
    objectType: ObjectType.Certificate,
    attributes: requested(mask, active),
    certificate: { certificateType: CertificateType.X_509, certificateValue: certificate.raw },
  });
  const cryptographicParameters = { hashingAlgorithm: HashingAlgorithm.SHA_256 };
  const payload = { uniqueIdentifier: named(uniqueIdentifier), cryptographicParameters, data, signatureData };
  const checked = await askFor<Answer>(client, V2_1, Operation.SignatureVerify, payload);
  t.equal(checked.validityIndicator, ValidityIndicator.Valid);
});

t.test("parameters that contradict each other fail for the reasons of the versions", async (t) => {
  const { uniqueIdentifier } = await askFor<Answer>(client, V2_1, Operation.Create, aesKey(active));
  const data = Buffer.alloc(16);
  const cbc = { blockCipherMode: BlockCipherMode.CBC };
  const rows = [
    [{}, ResultReason.BadCryptographicParameters, ResultReason.InvalidField],
    [{ ...cbc, ivLength: 64 }, ResultReason.BadCryptographicParameters, ResultReason.InvalidField],
    [
      { ...cbc, paddingMethod: PaddingMethod.X9_31 },
      ResultReason.UnsupportedCryptographicParameters,
      ResultReason.InvalidField,
    ],
    [{ ...cbc, randomIV: false }, ResultReason.MissingInitializationVector, ResultReason.InvalidMessage],
  ] as const;
  for (const [cryptographicParameters, since, before] of rows) {
    const payload = { uniqueIdentifier: named(uniqueIdentifier), cryptographicParameters, data };
    t.equal((await ask(client, V2_1, { operation: Operation.Encrypt, payload })).reason, since);
    t.equal((await ask(client, V1_4, { operation: Operation.Encrypt, payload })).reason, before);
  }
});
