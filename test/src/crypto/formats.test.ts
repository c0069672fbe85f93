import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import t from "tap";
import {
  CryptographicAlgorithm,
  KeyCompressionType,
  KeyFormatType,
  ObjectType,
  RecommendedCurve,
} from "#protocol/enums/index.js";
import { type KeyBlock, keyBlock } from "#protocol/structures/key-block.js";
import { Tag } from "#protocol/tags.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { V1_0, V1_2, V2_1 } from "#protocol/versions.js";
import type { ReadKey } from "#src/crypto/formats/key.js";
import { readKeyBlock } from "#src/crypto/formats/read-key.js";
import { type WriteKey, writeKeyBlock } from "#src/crypto/formats/write-key.js";
import { KmipError } from "#src/objects/kmip-error.js";

interface Pair {
  readonly name: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  readonly bits: number;
  readonly algorithm: number;
  readonly curve?: number;
}

const curves = [
  { name: "P-256", bits: 256, curve: RecommendedCurve.P_256 },
  { name: "P-384", bits: 384, curve: RecommendedCurve.P_384 },
  { name: "P-521", bits: 521, curve: RecommendedCurve.P_521 },
];

const rsa: Pair = {
  name: "RSA",
  ...generateKeyPairSync("rsa", { modulusLength: 2048 }),
  bits: 2048,
  algorithm: CryptographicAlgorithm.RSA,
};
const ecPairs: readonly Pair[] = curves.map(({ name, bits, curve }) => ({
  name,
  ...generateKeyPairSync("ec", { namedCurve: name }),
  bits,
  curve,
  algorithm: CryptographicAlgorithm.EC,
}));

const transparentEcPrivate = [
  KeyFormatType.TransparentECPrivateKey,
  KeyFormatType.TransparentECDSAPrivateKey,
  KeyFormatType.TransparentECDHPrivateKey,
  KeyFormatType.TransparentECMQVPrivateKey,
];
const transparentEcPublic = [
  KeyFormatType.TransparentECPublicKey,
  KeyFormatType.TransparentECDSAPublicKey,
  KeyFormatType.TransparentECDHPublicKey,
  KeyFormatType.TransparentECMQVPublicKey,
];

const cases = [
  {
    objectType: ObjectType.PrivateKey,
    pairs: [rsa],
    formats: [KeyFormatType.PKCS_1, KeyFormatType.PKCS_8, KeyFormatType.TransparentRSAPrivateKey],
  },
  {
    objectType: ObjectType.PublicKey,
    pairs: [rsa],
    formats: [KeyFormatType.PKCS_1, KeyFormatType.X_509, KeyFormatType.Raw, KeyFormatType.TransparentRSAPublicKey],
  },
  {
    objectType: ObjectType.PrivateKey,
    pairs: ecPairs,
    formats: [KeyFormatType.ECPrivateKey, KeyFormatType.PKCS_8, ...transparentEcPrivate],
  },
  {
    objectType: ObjectType.PublicKey,
    pairs: ecPairs,
    formats: [KeyFormatType.X_509, KeyFormatType.Raw, ...transparentEcPublic],
  },
];

function internal(pair: Pair, objectType: number): Buffer {
  return objectType === ObjectType.PrivateKey
    ? pair.privateKey.export({ type: "pkcs8", format: "der" })
    : pair.publicKey.export({ type: "spki", format: "der" });
}

function writeAs(pair: Pair, objectType: number, requestedFormat: number, more: Partial<WriteKey> = {}): KeyBlock {
  return writeKeyBlock({
    form: objectType === ObjectType.PrivateKey ? "private" : "public",
    keyType: pair.curve === undefined ? "rsa" : "ec",
    value: internal(pair, objectType),
    version: V1_2,
    registeredFormat: undefined,
    requestedFormat,
    algorithm: pair.algorithm,
    bits: pair.bits,
    ...more,
  });
}

/** The Key Block as a client would send it back: through TTLV. */
function overTheWire(block: KeyBlock): KeyBlock {
  const bytes = encodeItem(keyBlock.encode(Tag.KeyBlock, block, { version: V1_2 }));
  return keyBlock.decode(decodeItem(bytes), { version: V1_2 });
}

function materialOf(block: KeyBlock): Buffer {
  const { keyValue } = block;
  if (keyValue === undefined || Buffer.isBuffer(keyValue) || !Buffer.isBuffer(keyValue.keyMaterial)) {
    throw new TypeError("the Key Material is not bytes");
  }
  return keyValue.keyMaterial;
}

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof KmipError) return error.reason;
    throw error;
  }
  return "nothing was refused";
}

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

function writing(read: ReadKey): Omit<WriteKey, "version"> {
  const { keyFormatType, keyCompressionType, ...rest } = read;
  return { ...rest, registeredFormat: keyFormatType, registeredCompression: keyCompressionType };
}

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
  const k1 = generateKeyPairSync("ec", { namedCurve: "secp256k1" });
  const ed25519 = generateKeyPairSync("ed25519");
  const dsa = { p: 0xfca682ce8e12cabn, q: 0x962eddcc369cban, g: 0x678471b27a9cf44en, x: 0x95411d740d2443n };
  const rows: readonly (readonly [number, number, KeyBlock["keyValue"]])[] = [
    [
      ObjectType.PrivateKey,
      KeyFormatType.ECPrivateKey,
      { keyMaterial: k1.privateKey.export({ type: "sec1", format: "der" }) },
    ],
    [ObjectType.PublicKey, KeyFormatType.X_509, { keyMaterial: k1.publicKey.export({ type: "spki", format: "der" }) }],
    [
      ObjectType.PrivateKey,
      KeyFormatType.PKCS_8,
      { keyMaterial: ed25519.privateKey.export({ type: "pkcs8", format: "der" }) },
    ],
    [
      ObjectType.PublicKey,
      KeyFormatType.X_509,
      { keyMaterial: ed25519.publicKey.export({ type: "spki", format: "der" }) },
    ],
    [ObjectType.PrivateKey, KeyFormatType.TransparentDSAPrivateKey, { keyMaterial: dsa }],
    [ObjectType.PrivateKey, KeyFormatType.TransparentDHPrivateKey, { keyMaterial: { p: 23n, g: 5n, x: 6n } }],
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
