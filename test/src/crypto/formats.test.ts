import { createPrivateKey, createPublicKey } from "node:crypto";
import t from "tap";
import { CryptographicAlgorithm, KeyCompressionType, KeyFormatType, ObjectType } from "#protocol/enums/index.js";
import { V1_0, V2_1 } from "#protocol/versions.js";
import { readKeyBlock } from "#src/crypto/formats/read-key.js";

import {
  cases,
  ecPairs,
  internal,
  materialOf,
  overTheWire,
  type Pair,
  refusal,
  rsa,
  writeAs,
} from "#test/support/key-blocks.js";

for (const { objectType, pairs, formats } of cases) {
  for (const pair of pairs) {
    const half = objectType === ObjectType.PrivateKey ? "private" : "public";
    t.test(`${half} keys of ${pair.name} come back the same through every pair of formats`, async (t) => {
      const expected = internal(pair, objectType);
      for (const from of formats) {
        const read = readKeyBlock(objectType, overTheWire(writeAs(pair, objectType, from)));
        t.equal(read.form, half);
        t.equal(read.bits, pair.bits);
        t.equal(read.curve, pair.curve);
        t.equal(read.algorithm, pair.algorithm);
        t.equal(read.keyFormatType, from);
        t.same(read.value, expected, `read from format ${from}`);
        for (const to of formats) {
          const written = overTheWire(writeAs(pair, objectType, to, { value: read.value, registeredFormat: from }));
          t.equal(written.keyFormatType, to);
          t.same(readKeyBlock(objectType, written).value, expected, `from format ${from} to ${to}`);
        }
      }
    });
  }
}

t.test("encodings are the ones that OpenSSL writes", async (t) => {
  t.same(
    materialOf(writeAs(rsa, ObjectType.PrivateKey, KeyFormatType.PKCS_1)),
    rsa.privateKey.export({ type: "pkcs1", format: "der" }),
  );
  t.same(
    materialOf(writeAs(rsa, ObjectType.PublicKey, KeyFormatType.PKCS_1)),
    rsa.publicKey.export({ type: "pkcs1", format: "der" }),
  );
  for (const pair of ecPairs) {
    const sec1 = pair.privateKey.export({ type: "sec1", format: "der" });
    t.same(materialOf(writeAs(pair, ObjectType.PrivateKey, KeyFormatType.ECPrivateKey)), sec1);
  }
});

t.test("transparent numbers are those of the JSON Web Key", async (t) => {
  const { keyValue } = writeAs(rsa, ObjectType.PrivateKey, KeyFormatType.TransparentRSAPrivateKey);
  const jwk = rsa.privateKey.export({ format: "jwk" });
  const number = (text: string | undefined): bigint =>
    BigInt(`0x${Buffer.from(text ?? "", "base64url").toString("hex")}`);
  t.match(keyValue, {
    keyMaterial: {
      modulus: number(jwk.n),
      publicExponent: number(jwk.e),
      privateExponent: number(jwk.d),
      p: number(jwk.p),
      q: number(jwk.q),
      primeExponentP: number(jwk.dp),
      primeExponentQ: number(jwk.dq),
      crtCoefficient: number(jwk.qi),
    },
  });
});

t.test("an RSA private key is completed from what a client may leave out", async (t) => {
  const { keyValue } = writeAs(rsa, ObjectType.PrivateKey, KeyFormatType.TransparentRSAPrivateKey);
  if (keyValue === undefined || Buffer.isBuffer(keyValue) || Buffer.isBuffer(keyValue.keyMaterial))
    throw new TypeError();
  const { modulus, publicExponent, privateExponent, p, q } = keyValue.keyMaterial;
  const subsets = [
    { modulus, publicExponent, privateExponent },
    { modulus, privateExponent },
    { modulus, publicExponent, p, q },
    { modulus, p, q },
    { modulus, privateExponent, p, q },
    { modulus, publicExponent, privateExponent, p },
  ].map((each) => Object.fromEntries(Object.entries(each).filter(([, value]) => value !== undefined)));
  for (const keyMaterial of subsets) {
    const block = { keyFormatType: KeyFormatType.TransparentRSAPrivateKey, keyValue: { keyMaterial } };
    const completed = createPrivateKey({
      key: readKeyBlock(ObjectType.PrivateKey, block).value,
      format: "der",
      type: "pkcs8",
    });
    t.ok(createPublicKey(completed).equals(rsa.publicKey), Object.keys(keyMaterial).join(", "));
  }
});

t.test("an EC point goes through every compression, and its Key Compression Type is noticed", async (t) => {
  const forms: readonly (readonly [number, readonly number[]])[] = [
    [KeyCompressionType.ECPublicKeyTypeUncompressed, [4]],
    [KeyCompressionType.ECPublicKeyTypeX9_62CompressedPrime, [2, 3]],
    [KeyCompressionType.ECPublicKeyTypeX9_62Hybrid, [6, 7]],
  ];
  for (const pair of ecPairs) {
    for (const [requestedCompression, firstBytes] of forms) {
      for (const format of [KeyFormatType.X_509, KeyFormatType.TransparentECPublicKey]) {
        const block = overTheWire(writeAs(pair, ObjectType.PublicKey, format, { requestedCompression }));
        t.equal(block.keyCompressionType, requestedCompression);
        if (!Buffer.isBuffer(block.keyValue) && !Buffer.isBuffer(block.keyValue?.keyMaterial)) {
          t.ok(firstBytes.includes(block.keyValue?.keyMaterial.qString?.[0] ?? 0));
        }
        t.same(readKeyBlock(ObjectType.PublicKey, block).value, internal(pair, ObjectType.PublicKey));
      }
    }
    const { keyCompressionType, ...silent } = writeAs(pair, ObjectType.PublicKey, KeyFormatType.X_509, {
      requestedCompression: KeyCompressionType.ECPublicKeyTypeX9_62CompressedPrime,
    });
    t.equal(readKeyBlock(ObjectType.PublicKey, silent).keyCompressionType, keyCompressionType);
    const wrong = { ...silent, keyCompressionType: KeyCompressionType.ECPublicKeyTypeUncompressed };
    t.equal(
      refusal(() => readKeyBlock(ObjectType.PublicKey, wrong)),
      "InvalidField",
    );
  }
});

t.test("an EC key keeps the algorithm it was declared as, and the one its format names", async (t) => {
  const [ec] = ecPairs;
  if (ec === undefined) throw new TypeError();
  const declared = writeAs(ec, ObjectType.PrivateKey, KeyFormatType.PKCS_8, {
    algorithm: CryptographicAlgorithm.ECDSA,
  });
  t.equal(readKeyBlock(ObjectType.PrivateKey, declared).algorithm, CryptographicAlgorithm.ECDSA);
  const named = writeAs(ec, ObjectType.PublicKey, KeyFormatType.TransparentECDHPublicKey, { algorithm: undefined });
  t.equal(readKeyBlock(ObjectType.PublicKey, named).algorithm, CryptographicAlgorithm.ECDH);
});

t.test("the transparent EC formats are spelled as the version of the answer spells them", async (t) => {
  const [ec] = ecPairs;
  if (ec === undefined) throw new TypeError();
  const { TransparentECDHPrivateKey, TransparentECPrivateKey } = KeyFormatType;
  const registered = (registeredFormat: number, version: typeof V1_0 | typeof V2_1, algorithm: number): number => {
    const asRegistered = { requestedFormat: undefined, registeredFormat, version, algorithm };
    return writeAs(ec, ObjectType.PrivateKey, 0, asRegistered).keyFormatType;
  };
  t.equal(registered(TransparentECDHPrivateKey, V1_0, CryptographicAlgorithm.ECDH), TransparentECDHPrivateKey);
  t.equal(registered(TransparentECDHPrivateKey, V2_1, CryptographicAlgorithm.ECDH), TransparentECPrivateKey);
  t.equal(registered(TransparentECPrivateKey, V1_0, CryptographicAlgorithm.ECDH), TransparentECDHPrivateKey);
  t.equal(registered(TransparentECPrivateKey, V2_1, CryptographicAlgorithm.EC), TransparentECPrivateKey);
});

t.test("keys made by the server go out in the default format of the version", async (t) => {
  const [ec] = ecPairs;
  if (ec === undefined) throw new TypeError();
  const format = (pair: Pair, objectType: number, version: typeof V1_0 | typeof V2_1): number =>
    writeAs(pair, objectType, 0, { requestedFormat: undefined, version }).keyFormatType;
  t.equal(format(rsa, ObjectType.PrivateKey, V1_0), KeyFormatType.PKCS_1);
  t.equal(format(rsa, ObjectType.PublicKey, V2_1), KeyFormatType.PKCS_1);
  t.equal(format(ec, ObjectType.PrivateKey, V1_0), KeyFormatType.ECPrivateKey);
  t.equal(format(ec, ObjectType.PublicKey, V1_0), KeyFormatType.X_509);
  t.equal(format(ec, ObjectType.PrivateKey, V2_1), KeyFormatType.TransparentECPrivateKey);
  t.equal(format(ec, ObjectType.PublicKey, V2_1), KeyFormatType.TransparentECPublicKey);
});

t.test("the value read is a copy, and the value written is not changed", async (t) => {
  const keyMaterial = rsa.privateKey.export({ type: "pkcs1", format: "der" });
  const before = Buffer.from(keyMaterial);
  readKeyBlock(ObjectType.PrivateKey, { keyFormatType: KeyFormatType.PKCS_1, keyValue: { keyMaterial } }).value.fill(0);
  t.same(keyMaterial, before);
  for (const pair of [rsa, ...ecPairs]) {
    const value = internal(pair, ObjectType.PrivateKey);
    const copy = Buffer.from(value);
    const formats = pair === rsa ? cases[0]?.formats : cases[2]?.formats;
    for (const format of formats ?? []) writeAs(pair, ObjectType.PrivateKey, format, { value });
    t.same(value, copy);
  }
});
