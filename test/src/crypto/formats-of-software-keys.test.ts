import { createDiffieHellmanGroup, generateKeyPairSync, type KeyObject } from "node:crypto";
import t, { type Test } from "tap";
import { CryptographicAlgorithm, KeyFormatType, ObjectType } from "#protocol/enums/index.js";
import type { TransparentKeyMaterial } from "#protocol/structures/key-block.js";
import { V1_4, V2_1 } from "#protocol/versions.js";
import { agreeOnSecret } from "#src/crypto/derivation/from-secrets.js";
import { curveTable } from "#src/crypto/formats/curves.js";
import { fromUnsigned } from "#src/crypto/formats/der.js";
import { readKeyBlock } from "#src/crypto/formats/read-key.js";
import { writeKeyBlock } from "#src/crypto/formats/write-key.js";
import { KmipError } from "#src/objects/kmip-error.js";

interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** As generateKeyPairSync, with the types that its declaration leaves out. */
const generate = generateKeyPairSync as (type: string, options?: object) => Pair;

const halves = [
  { half: "privateKey", objectType: ObjectType.PrivateKey, format: KeyFormatType.PKCS_8, type: "pkcs8" },
  { half: "publicKey", objectType: ObjectType.PublicKey, format: KeyFormatType.X_509, type: "spki" },
] as const;

/** Has both halves read, written in each of the formats, and read again; what came must come out of it. */
function roundTrip(t: Test, pair: Pair, formats: { privateKey: readonly number[]; publicKey: readonly number[] }) {
  for (const { half, objectType, format, type } of halves) {
    const encoded = pair[half].export({ type: type as "spki", format: "der" });
    const key = readKeyBlock(objectType, { keyFormatType: format, keyValue: { keyMaterial: encoded } });
    t.equal(key.softwareOnly, true);
    for (const requestedFormat of [format, ...formats[half]]) {
      const { form, keyType, value, algorithm, bits } = key;
      const written = { form, keyType, value, algorithm, bits, version: V2_1, registeredFormat: format };
      const block = writeKeyBlock({ ...written, requestedFormat });
      const again = readKeyBlock(objectType, block);
      t.same(again.value, encoded, `${half} in format ${requestedFormat}`);
      t.equal(again.bits, key.bits);
    }
  }
}

t.test("keys on every curve that only software uses are understood in all formats of EC keys", async (t) => {
  for (const { name, ecdhName } of curveTable) {
    if (name !== null) continue;
    roundTrip(t, generateKeyPairSync("ec", { namedCurve: ecdhName }), {
      privateKey: [KeyFormatType.ECPrivateKey, KeyFormatType.TransparentECPrivateKey],
      publicKey: [KeyFormatType.TransparentECPublicKey],
    });
  }
});

t.test("DSA keys are understood in numbers and in envelopes", async (t) => {
  roundTrip(t, generateKeyPairSync("dsa", { modulusLength: 1024, divisorLength: 160 }), {
    privateKey: [KeyFormatType.TransparentDSAPrivateKey],
    publicKey: [KeyFormatType.TransparentDSAPublicKey],
  });
});

t.test("Edwards curve keys are understood in envelopes, and must be on the curve that is declared", async (t) => {
  const pair = generateKeyPairSync("ed25519");
  roundTrip(t, pair, { privateKey: [], publicKey: [] });
  roundTrip(t, generateKeyPairSync("ed448"), { privateKey: [], publicKey: [] });
  const block = {
    keyFormatType: KeyFormatType.X_509,
    keyValue: { keyMaterial: pair.publicKey.export({ type: "spki", format: "der" }) },
  };
  const { Ed25519, Ed448 } = CryptographicAlgorithm;
  t.equal(readKeyBlock(ObjectType.PublicKey, block, { algorithm: Ed25519 }).algorithm, Ed25519);
  t.throws(() => readKeyBlock(ObjectType.PublicKey, block, { algorithm: Ed448 }), KmipError);
});

t.test("DH keys are understood in numbers and in both envelopes, and agree on secrets", async (t) => {
  const pair = generate("dh", { group: "modp14" });
  const formats = {
    privateKey: [KeyFormatType.TransparentDHPrivateKey],
    publicKey: [KeyFormatType.TransparentDHPublicKey],
  };
  roundTrip(t, pair, formats);
  // An order and a cofactor, which PKCS#3 has no place for.
  const [p, g, q] = [group.getPrime(), group.getGenerator(), Buffer.from("0f".repeat(20), "hex")].map(fromUnsigned);
  const numbers = { p: p ?? 0n, g: g ?? 0n, q: q ?? 0n, j: 2n };
  const privateKey = fromNumbers(KeyFormatType.TransparentDHPrivateKey, { ...numbers, x: 12345n });
  const publicKey = fromNumbers(KeyFormatType.TransparentDHPublicKey, { ...numbers, y: 4n });
  for (const [key, requestedFormat, number] of [
    [privateKey, KeyFormatType.TransparentDHPrivateKey, { x: 12345n }],
    [publicKey, KeyFormatType.TransparentDHPublicKey, { y: 4n }],
  ] as const) {
    const { form, keyType, value } = key;
    const block = writeKeyBlock({ form, keyType, value, version: V2_1, registeredFormat: undefined, requestedFormat });
    t.match(block.keyValue, { keyMaterial: { ...numbers, ...number } });
  }
  const secret = agreeOnSecret(privateKey.value, publicKey.value);
  t.equal(secret?.length, 256);
  t.equal(secret === undefined ? 0n : fromUnsigned(secret), power(4n, 12345n, numbers.p));
});

const group = createDiffieHellmanGroup("modp14");

function fromNumbers(keyFormatType: number, keyMaterial: TransparentKeyMaterial) {
  const isPrivate = keyFormatType === KeyFormatType.TransparentDHPrivateKey;
  const objectType = isPrivate ? ObjectType.PrivateKey : ObjectType.PublicKey;
  return readKeyBlock(objectType, { keyFormatType, keyValue: { keyMaterial } });
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let count = 0n; count < exponent; count += 1n) result = (result * base) % modulus;
  return result;
}

t.test("Montgomery curve keys are understood in envelopes", async (t) => {
  for (const type of ["x25519", "x448"] as const) {
    roundTrip(t, generate(type), { privateKey: [], publicKey: [] });
  }
});

t.test("DSA numbers that do not belong together are refused", async (t) => {
  const block = {
    keyFormatType: KeyFormatType.TransparentDSAPrivateKey,
    keyValue: { keyMaterial: { p: 23n, q: 29n, g: 4n, x: 3n } },
  };
  t.throws(() => readKeyBlock(ObjectType.PrivateKey, block), KmipError);
});

t.test("made DSA keys are told in numbers, made Edwards curve keys in envelopes", async (t) => {
  const { privateKey } = generateKeyPairSync("dsa", { modulusLength: 1024, divisorLength: 160 });
  const value = privateKey.export({ type: "pkcs8", format: "der" });
  const made = { form: "private", keyType: "dsa", value, registeredFormat: undefined, version: V1_4 } as const;
  t.equal(writeKeyBlock(made).keyFormatType, KeyFormatType.TransparentDSAPrivateKey);
  const edwards = generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "der" });
  const publicKey = { ...made, form: "public", keyType: "edwards", value: edwards } as const;
  t.equal(writeKeyBlock(publicKey).keyFormatType, KeyFormatType.X_509);
});
