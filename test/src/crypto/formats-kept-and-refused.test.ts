import t from "tap";
import {
  CryptographicAlgorithm,
  KeyCompressionType,
  KeyFormatType,
  ObjectType,
  RecommendedCurve,
} from "#protocol/enums/index.js";
import type { KeyBlock } from "#protocol/structures/key-block.js";
import { V2_1 } from "#protocol/versions.js";
import { readKeyBlock } from "#src/crypto/formats/read-key.js";
import { writeKeyBlock } from "#src/crypto/formats/write-key.js";
import { KmipError } from "#src/objects/kmip-error.js";

import {
  ecPairs,
  internal,
  materialOf,
  overTheWire,
  refusal,
  rsa,
  writeAs,
  writing,
} from "#test/support/key-blocks.js";

t.test("an RSA private key whose numbers do not belong together is refused", async (t) => {
  const { keyValue } = writeAs(rsa, ObjectType.PrivateKey, KeyFormatType.TransparentRSAPrivateKey);
  if (keyValue === undefined || Buffer.isBuffer(keyValue) || Buffer.isBuffer(keyValue.keyMaterial))
    throw new TypeError();
  const numbers = keyValue.keyMaterial;
  for (const field of [
    "modulus",
    "publicExponent",
    "privateExponent",
    "p",
    "q",
    "primeExponentP",
    "primeExponentQ",
    "crtCoefficient",
  ] as const) {
    const keyMaterial = { ...numbers, [field]: (numbers[field] ?? 0n) + 2n };
    const block = { keyFormatType: KeyFormatType.TransparentRSAPrivateKey, keyValue: { keyMaterial } };
    t.equal(
      refusal(() => readKeyBlock(ObjectType.PrivateKey, block)),
      "InvalidField",
      field,
    );
  }
});

t.test("compression is refused for keys that have no point over a prime field", async (t) => {
  const [ec] = ecPairs;
  if (ec === undefined) throw new TypeError();
  const compressed = { requestedCompression: KeyCompressionType.ECPublicKeyTypeX9_62CompressedPrime };
  const binary = { requestedCompression: KeyCompressionType.ECPublicKeyTypeX9_62CompressedChar2 };
  const reason = "KeyCompressionTypeNotSupported";
  t.equal(
    refusal(() => writeAs(rsa, ObjectType.PublicKey, KeyFormatType.PKCS_1, compressed)),
    reason,
  );
  t.equal(
    refusal(() => writeAs(ec, ObjectType.PrivateKey, KeyFormatType.PKCS_8, compressed)),
    reason,
  );
  t.equal(
    refusal(() => writeAs(ec, ObjectType.PublicKey, KeyFormatType.X_509, binary)),
    reason,
  );
});

t.test("what a Key Block declares must agree with the material", async (t) => {
  const pairs = [rsa, ...ecPairs];
  for (const pair of pairs) {
    for (const objectType of [ObjectType.PrivateKey, ObjectType.PublicKey]) {
      const format = objectType === ObjectType.PrivateKey ? KeyFormatType.PKCS_8 : KeyFormatType.X_509;
      const block = writeAs(pair, objectType, format);
      const other = pair === rsa ? CryptographicAlgorithm.EC : CryptographicAlgorithm.RSA;
      const read = (changed: Partial<KeyBlock>) => () => readKeyBlock(objectType, { ...block, ...changed });
      t.equal(refusal(read({ cryptographicAlgorithm: other })), "InvalidField");
      t.equal(refusal(read({ cryptographicLength: pair.bits + 8 })), "InvalidField");
      t.equal(
        refusal(() => readKeyBlock(objectType, block, { length: 1024 })),
        "InvalidField",
      );
      t.equal(
        refusal(() => readKeyBlock(objectType, block, { algorithm: other })),
        "InvalidField",
      );
    }
  }
});

t.test("an EC private key with another key's point, or a number that is none of the curve, is refused", async (t) => {
  const [one] = ecPairs;
  if (one === undefined) throw new TypeError();
  const sec1 = materialOf(writeAs(one, ObjectType.PrivateKey, KeyFormatType.ECPrivateKey));
  const altered = Buffer.from(sec1);
  altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
  const zero = Buffer.from(sec1);
  zero.fill(0, 7, 7 + 32);
  for (const keyMaterial of [altered, zero, sec1.subarray(0, -1), Buffer.concat([sec1, Buffer.alloc(1)])]) {
    const block = { keyFormatType: KeyFormatType.ECPrivateKey, keyValue: { keyMaterial } };
    t.equal(
      refusal(() => readKeyBlock(ObjectType.PrivateKey, block)),
      "InvalidField",
    );
  }
});

t.test("damaged DER is refused or read as a whole key, and never anything else", async (t) => {
  for (const pair of [rsa, ...ecPairs]) {
    const formats = [
      [ObjectType.PrivateKey, KeyFormatType.PKCS_8],
      [ObjectType.PublicKey, KeyFormatType.X_509],
    ] as const;
    for (const [objectType, keyFormatType] of formats) {
      const whole = internal(pair, objectType);
      for (let place = 0; place < Math.min(whole.length, 80); place++) {
        for (const keyMaterial of [whole.subarray(0, place), Buffer.from(whole)]) {
          if (keyMaterial.length === whole.length) keyMaterial[place] = (keyMaterial[place] ?? 0) ^ 0x41;
          const block = { keyFormatType, keyValue: { keyMaterial } };
          try {
            readKeyBlock(objectType, block);
          } catch (error) {
            if (!(error instanceof KmipError)) throw error;
          }
        }
      }
      t.pass(`${pair.name}: ${whole.length} bytes`);
    }
  }
});

t.test("symmetric keys go between Raw and Transparent Symmetric Key", async (t) => {
  const key = Buffer.from("000102030405060708090a0b0c0d0e0f", "hex");
  for (const from of [KeyFormatType.Raw, KeyFormatType.TransparentSymmetricKey]) {
    const keyMaterial = from === KeyFormatType.Raw ? key : { key };
    const block = {
      keyFormatType: from,
      keyValue: { keyMaterial },
      cryptographicAlgorithm: CryptographicAlgorithm.AES,
      cryptographicLength: 128,
    };
    const read = readKeyBlock(ObjectType.SymmetricKey, overTheWire(block));
    t.match(read, { form: "secret", keyType: "aes", bits: 128, value: key });
    const write = (requestedFormat?: number) =>
      writeKeyBlock({ ...writing(read), requestedFormat, registeredFormat: from, version: V2_1 });
    t.same(write(), block);
    t.same(write(KeyFormatType.Raw).keyValue, { keyMaterial: key });
    t.same(write(KeyFormatType.TransparentSymmetricKey).keyValue, { keyMaterial: { key } });
    t.equal(
      refusal(() => write(KeyFormatType.PKCS_8)),
      "KeyFormatTypeNotSupported",
    );
  }
});

t.test("lengths of symmetric keys are counted as their algorithm counts them", async (t) => {
  const { AES, DES, DES3, HMAC_SHA256, Blowfish } = CryptographicAlgorithm;
  const rows = [
    { algorithm: AES, bytes: 16, declared: 128, bits: 128 },
    { algorithm: AES, bytes: 32, declared: undefined, bits: 256 },
    { algorithm: AES, bytes: 16, declared: 256, bits: "InvalidField" },
    { algorithm: AES, bytes: 20, declared: 160, bits: "InvalidField" },
    { algorithm: DES3, bytes: 24, declared: 168, bits: 168 },
    { algorithm: DES3, bytes: 24, declared: 192, bits: 192 },
    { algorithm: DES3, bytes: 16, declared: 112, bits: 112 },
    { algorithm: DES3, bytes: 24, declared: undefined, bits: 168 },
    { algorithm: DES3, bytes: 16, declared: 168, bits: "InvalidField" },
    { algorithm: DES3, bytes: 8, declared: 64, bits: "InvalidField" },
    { algorithm: DES, bytes: 8, declared: 56, bits: 56 },
    { algorithm: HMAC_SHA256, bytes: 20, declared: 160, bits: 160 },
    { algorithm: HMAC_SHA256, bytes: 20, declared: 256, bits: "InvalidField" },
    { algorithm: Blowfish, bytes: 7, declared: 56, bits: 56 },
    { algorithm: AES, bytes: 0, declared: undefined, bits: "InvalidField" },
  ];
  for (const { algorithm, bytes, declared, bits } of rows) {
    const block = {
      keyFormatType: KeyFormatType.Raw,
      keyValue: { keyMaterial: Buffer.alloc(bytes, 7) },
      cryptographicAlgorithm: algorithm,
      ...(declared === undefined ? {} : { cryptographicLength: declared }),
    };
    const outcome = (): unknown => {
      try {
        return readKeyBlock(ObjectType.SymmetricKey, block).bits;
      } catch (error) {
        return error instanceof KmipError ? error.reason : error;
      }
    };
    t.equal(outcome(), bits, JSON.stringify({ algorithm, bytes, declared }));
  }
});

t.test("keys the partition cannot use come back exactly as they were registered", async (t) => {
  const rows: readonly (readonly [number, number, KeyBlock["keyValue"]])[] = [
    [
      ObjectType.PrivateKey,
      KeyFormatType.TransparentECPrivateKey,
      { keyMaterial: { recommendedCurve: RecommendedCurve.K_163, d: 6n } },
    ],
    [
      ObjectType.PublicKey,
      KeyFormatType.TransparentECPublicKey,
      { keyMaterial: { recommendedCurve: RecommendedCurve.B_163, qString: Buffer.from("0401", "hex") } },
    ],
    [ObjectType.PrivateKey, KeyFormatType.Opaque, { keyMaterial: Buffer.from("opaque") }],
    [ObjectType.PublicKey, KeyFormatType.Raw, { keyMaterial: Buffer.from("no SubjectPublicKeyInfo") }],
    [ObjectType.SecretData, KeyFormatType.Opaque, { keyMaterial: Buffer.from("password") }],
    [ObjectType.SplitKey, KeyFormatType.TransparentSymmetricKey, { keyMaterial: { key: Buffer.from("share") } }],
    [ObjectType.SymmetricKey, KeyFormatType.Opaque, { keyMaterial: Buffer.from("vendor's own") }],
  ];
  for (const [objectType, keyFormatType, keyValue] of rows) {
    const block = overTheWire({ keyFormatType, ...(keyValue === undefined ? {} : { keyValue }) });
    const read = readKeyBlock(objectType, block);
    t.equal(read.form, "bytes");
    t.same(overTheWire(writeKeyBlock({ ...writing(read), version: V2_1 })), block);
    const asPkcs1 = { ...writing(read), requestedFormat: KeyFormatType.PKCS_1, version: V2_1 };
    t.equal(
      refusal(() => writeKeyBlock(asPkcs1)),
      "KeyFormatTypeNotSupported",
    );
  }
});

t.test("formats that do not belong to an object type are refused", async (t) => {
  const refused = [
    [ObjectType.SymmetricKey, KeyFormatType.PKCS_8],
    [ObjectType.PrivateKey, KeyFormatType.X_509],
    [ObjectType.PrivateKey, KeyFormatType.PKCS_12],
    [ObjectType.PublicKey, KeyFormatType.PKCS_8],
    [ObjectType.PublicKey, KeyFormatType.TransparentECPrivateKey],
  ] as const;
  for (const [objectType, keyFormatType] of refused) {
    const block = { keyFormatType, keyValue: { keyMaterial: Buffer.from("x") } };
    t.equal(
      refusal(() => readKeyBlock(objectType, block)),
      "KeyFormatTypeNotSupported",
    );
  }
});

t.test("a wrapped or missing Key Value is not taken for a key", async (t) => {
  const { Raw } = KeyFormatType;
  t.equal(
    refusal(() => readKeyBlock(ObjectType.SymmetricKey, { keyFormatType: Raw })),
    "InvalidField",
  );
  const wrapped = { keyFormatType: Raw, keyValue: Buffer.alloc(24) };
  t.equal(
    refusal(() => readKeyBlock(ObjectType.SymmetricKey, wrapped)),
    "InvalidField",
  );
});
