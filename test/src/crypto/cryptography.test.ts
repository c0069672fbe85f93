import { randomBytes, randomUUID } from "node:crypto";
import fc from "fast-check";
import t from "tap";
import { CryptographicAlgorithm, HashingAlgorithm, PaddingMethod } from "#protocol/enums/index.js";
import { Cryptography } from "#src/crypto/cryptography.js";
import { type ChosenCipher, chooseCipher } from "#src/crypto/mechanisms/ciphers.js";
import { hashOf } from "#src/crypto/mechanisms/hashes.js";
import { cipherModes, type Mode } from "#src/crypto/mechanisms/modes.js";
import { CryptoError, type KeyType } from "#src/crypto/port.js";
import { decryptionStream, digestStream, encryptionStream, macStream } from "#src/crypto/streams/open.js";
import type { PartStream } from "#src/crypto/streams/stream.js";
import type { UsableKey } from "#src/crypto/usable-key.js";
import { startSoftHsm, unhurried } from "#test/support/softhsm.js";

const hsm = await startSoftHsm(unhurried);
t.teardown(() => hsm.close());
const { partition } = hsm;
/** What was told of decryptions: 1 for each that failed, 0 for each that might have. */
const told: number[] = [];
const decryptions = { takePkcs1: () => undefined, count: (_key: string, failures: number) => void told.push(failures) };
const cryptography = new Cryptography({ partition, softwareAllowed: true, decryptions });
const tokenOnly = new Cryptography({ partition, softwareAllowed: false, decryptions });

const keyLengths: Readonly<Record<number, readonly number[]>> = {
  [CryptographicAlgorithm.AES]: [16, 24, 32],
  [CryptographicAlgorithm.DES3]: [24],
  [CryptographicAlgorithm.Camellia]: [16, 24, 32],
  [CryptographicAlgorithm.ARIA]: [16, 24, 32],
  [CryptographicAlgorithm.SM4]: [16],
  [CryptographicAlgorithm.ChaCha20]: [32],
  [CryptographicAlgorithm.ChaCha20Poly1305]: [32],
};

const keyTypes: ReadonlyMap<number, KeyType> = new Map<number, KeyType>([
  [CryptographicAlgorithm.AES, "aes"],
  [CryptographicAlgorithm.DES3, "des3"],
]);

async function keyOf(algorithm: number, length: number, more: Partial<UsableKey> = {}): Promise<UsableKey> {
  const keyType = keyTypes.get(algorithm) ?? "generic";
  const objectId = randomUUID();
  const common = { objectId, keyClass: "secret", keyType, custody: "wrapped" } as const;
  const stored = await partition.importKey({ ...common, value: randomBytes(length) });
  const reference = { ...common, ...stored };
  const rest = { algorithm, bits: length * 8, modulusBits: 0, form: "secret", softwareOnly: false } as const;
  return { reference, keyType, mayLeave: true, namesPkcs1: false, ...rest, ...more };
}

interface Combination {
  readonly algorithm: number;
  readonly mode: number | undefined;
  readonly row: Mode;
  readonly padding: number;
}

const paddings = [
  PaddingMethod.None,
  PaddingMethod.PKCS5,
  PaddingMethod.Zeros,
  PaddingMethod.ANSIX9_23,
  PaddingMethod.ISO10126,
];

const combinations: readonly Combination[] = [...cipherModes].flatMap(([algorithm, modes]) =>
  [...modes].flatMap(([mode, row]) =>
    (row.padsTo === null ? [PaddingMethod.None] : paddings).map((padding) => ({ algorithm, mode, row, padding })),
  ),
);

/** Plaintexts that a combination takes; what ends in zeros does not survive being padded with them. */
function plaintexts({ row, padding }: Combination, name: string): fc.Arbitrary<Buffer> {
  const bytes = (constraints: fc.IntArrayConstraints) => fc.uint8Array(constraints).map((value) => Buffer.from(value));
  if (name === "xts") return bytes({ minLength: 16, maxLength: 80 });
  if (name === "aes-kw") return bytes({ minLength: 16, maxLength: 80 }).map((all) => all.subarray(0, all.length & ~7));
  if (name === "aes-kwp") return bytes({ minLength: 1, maxLength: 80 });
  const any = bytes({ maxLength: 80 });
  if (row.padsTo === null) return any;
  const { padsTo } = row;
  if (padding === PaddingMethod.None) return any.map((all) => all.subarray(0, all.length - (all.length % padsTo)));
  return padding === PaddingMethod.Zeros ? any.map((all) => Buffer.concat([all, Buffer.of(1)])) : any;
}

/** Whether the same key, vector and data give the same ciphertext. */
function isDeterminate({ padding }: Combination): boolean {
  return padding !== PaddingMethod.ISO10126;
}

async function inParts<Result>(stream: PartStream<Result>, data: Buffer, cut: number): Promise<[Buffer, Result]> {
  const first = await stream.update(data.subarray(0, cut));
  const second = await stream.update(data.subarray(cut));
  return [Buffer.concat([first, second]), await stream.finish()];
}

async function check(combination: Combination, data: Buffer, cut: number): Promise<void> {
  const { algorithm, mode, padding } = combination;
  for (const length of keyLengths[algorithm] ?? []) {
    // Two keys of AES-128 are as long as a key that AES objects have.
    if (isXts(combination) && length !== 32) continue;
    const parameters = { ...(mode === undefined ? {} : { blockCipherMode: mode }), paddingMethod: padding };
    const request = {
      direction: "encrypt",
      iv: undefined,
      additionalData: undefined,
      givenTagLength: undefined,
    } as const;
    const key = await keyOf(algorithm, length);
    const inSoftware = { ...key, softwareOnly: true };
    const cipher = await chooseCipher(key, parameters, request, async (size) => randomBytes(size));
    const preferred = await cryptography.encrypt(key, cipher, data);
    const software = await cryptography.encrypt(inSoftware, cipher, data);
    if (isDeterminate(combination)) same(software, preferred, "token and software give the same bytes");
    for (const user of [key, inSoftware]) {
      same(await cryptography.decrypt(user, cipher, preferred), data, "what was encrypted decrypts");
      const separate = () => preferred;
      const decryption = await decryptionStream(cryptography, user, cipher, separate);
      const [some, rest] = await inParts(decryption, preferred.data, Math.min(cut, preferred.data.length));
      same(Buffer.concat([some, rest.data]), data, "in parts as well");
    }
    await checkEncryptionInParts(key, cipher, { data, cut, expected: isDeterminate(combination) ? preferred : null });
  }
}

async function checkEncryptionInParts(
  key: UsableKey,
  cipher: ChosenCipher,
  given: { data: Buffer; cut: number; expected: { data: Buffer; tag: Buffer | null } | null },
): Promise<void> {
  const { data, cut, expected } = given;
  const stream = await encryptionStream(cryptography, key, cipher);
  const [some, last] = await inParts(stream, data, Math.min(cut, data.length));
  const whole = { data: Buffer.concat([some, last.data]), tag: last.tag };
  same(await cryptography.decrypt(key, cipher, whole), data, "what was encrypted in parts decrypts");
  if (expected !== null) same(whole, expected, "and is the same as encrypted whole");
}

function same(found: unknown, wanted: unknown, words: string): void {
  const [one, other] = [found, wanted].map((value) => JSON.stringify(value));
  if (one !== other) throw new Error(`${words}: ${one} is not ${other}`);
}

function isXts(combination: Combination): boolean {
  return nameOf(combination) === "xts";
}

function nameOf({ row }: Combination): string {
  const input = { vector: Buffer.alloc(16), given: Buffer.alloc(16), padding: false, parameters: {} };
  return row.specify({ ...input, additionalData: undefined, givenTagLength: undefined }).name;
}

for (const combination of combinations) {
  const { algorithm, padding } = combination;
  const words = `algorithm ${algorithm}, ${nameOf(combination)}, padding ${padding}`;
  t.test(`whoever does it, whole or in parts, data come back: ${words}`, async (t) => {
    const cuts = fc.integer({ min: 0, max: 80 });
    const property = fc.asyncProperty(plaintexts(combination, nameOf(combination)), cuts, (data, cut) =>
      check(combination, data, cut),
    );
    await fc.assert(property, { numRuns: 4 });
    t.pass(words);
  });
}

async function refusal(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
    return "done";
  } catch (error) {
    if (error instanceof CryptoError) return error.code;
    throw error;
  }
}

t.test("a key that may not leave the token, and a tenant that allows no software, get no software", async (t) => {
  const cfb = { specification: { name: "cfb", iv: Buffer.alloc(16) }, framing: null } as const;
  const data = Buffer.from("data");
  const key = await keyOf(CryptographicAlgorithm.AES, 16);
  t.equal(await refusal(() => cryptography.encrypt(key, cfb, data)), "done");
  t.equal(await refusal(() => tokenOnly.encrypt(key, cfb, data)), "unsupported");
  t.equal(await refusal(() => cryptography.encrypt({ ...key, mayLeave: false }, cfb, data)), "unsupported");
  t.equal(await refusal(() => tokenOnly.digest("sha3-256", data)), "unsupported");
  const kept = await keyOf(CryptographicAlgorithm.AES, 16, { softwareOnly: true });
  const ecb = { specification: { name: "ecb", padding: true }, framing: null } as const;
  t.equal(await refusal(() => tokenOnly.encrypt(kept, ecb, data)), "unsupported");
});

t.test("a counter of fewer bits than node:crypto counts does not run over into the nonce", async (t) => {
  const key = await keyOf(CryptographicAlgorithm.Camellia, 16);
  const iv = Buffer.from("000000000000000000000000000000fe", "hex");
  const ctr = { specification: { name: "ctr", iv, counterBits: 8 }, framing: null } as const;
  t.equal(await refusal(() => cryptography.encrypt(key, ctr, Buffer.alloc(32))), "done");
  t.equal(await refusal(() => cryptography.encrypt(key, ctr, Buffer.alloc(33))), "invalid-data");
  const input = { data: Buffer.alloc(33), tag: null };
  t.equal(await refusal(() => cryptography.decrypt(key, ctr, input)), "invalid-data");
});

t.test("whatever is wrong with a ciphertext, software says the same", async (t) => {
  const key = await keyOf(CryptographicAlgorithm.Camellia, 16);
  const cbc = { specification: { name: "cbc", iv: Buffer.alloc(16), padding: true }, framing: null } as const;
  const { data } = await cryptography.encrypt(key, cbc, Buffer.from("data"));
  const wrong = [Buffer.alloc(0), data.subarray(1), Buffer.concat([data, Buffer.alloc(16)]), Buffer.alloc(32)];
  for (const each of wrong) {
    t.equal(await refusal(() => cryptography.decrypt(key, cbc, { data: each, tag: null })), "decryption-failed");
  }
  const poly = await keyOf(CryptographicAlgorithm.ChaCha20Poly1305, 32);
  const specification = { name: "chacha20-poly1305", iv: Buffer.alloc(12), additionalData: Buffer.alloc(0) } as const;
  const aead = { specification: { ...specification, tagLength: 16 }, framing: null };
  const made = await cryptography.encrypt(poly, aead, data);
  for (const tag of [null, Buffer.alloc(16), Buffer.alloc(3)]) {
    t.equal(await refusal(() => cryptography.decrypt(poly, aead, { data: made.data, tag })), "decryption-failed");
  }
});

t.test("digests and codes in parts are those of the whole, for every hash function", async (t) => {
  const data = randomBytes(100);
  const key = await keyOf(CryptographicAlgorithm.HMAC_SHA256, 32);
  for (const hashingAlgorithm of Object.values(HashingAlgorithm)) {
    if ([1, 2, 10, 11].includes(hashingAlgorithm)) continue;
    const hash = hashOf({ hashingAlgorithm });
    const [, digest] = await inParts(await digestStream(cryptography, hash), data, 33);
    t.same(digest, await cryptography.digest(hash, data), `${hash} digest`);
    const specification = { name: "hmac", hash } as const;
    const [, mac] = await inParts(await macStream(cryptography, key, specification), data, 33);
    t.same(mac, await cryptography.mac(key, specification, data), `${hash} code`);
  }
  for (const name of ["cmac", "cbc-mac"] as const) {
    for (const algorithm of [CryptographicAlgorithm.AES, CryptographicAlgorithm.ARIA]) {
      const cipherKey = await keyOf(algorithm, 16);
      const [, mac] = await inParts(await macStream(cryptography, cipherKey, { name }), data, 33);
      t.same(mac, await cryptography.mac(cipherKey, { name }, data), `${name} of ${algorithm}`);
    }
  }
});
