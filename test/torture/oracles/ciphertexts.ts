import {
  type CipherGCMTypes,
  constants,
  createCipheriv,
  createDecipheriv,
  createHmac,
  generateKeyPairSync,
  type KeyObject,
  publicEncrypt,
  randomBytes,
} from "node:crypto";
import { encodeOaep } from "#src/crypto/rsa/oaep.js";

/** Bytes of the modulus of the pairs. */
export const modulusLength = 256;

/** Keys that the harness knows, as it makes ciphertexts beside the server: those registered there, and others. */
export const known = {
  aes: randomBytes(32),
  otherAes: randomBytes(32),
  chacha: randomBytes(32),
  mac: randomBytes(32),
  pair: generateKeyPairSync("rsa", { modulusLength: modulusLength * 8 }),
  otherPair: generateKeyPairSync("rsa", { modulusLength: modulusLength * 8 }),
};

/** The bare exponentiation of an encoded message. */
export function raised(encoded: Buffer, key: KeyObject = known.pair.publicKey): Buffer {
  return publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded);
}

const nonZero = (length: number): Buffer => Buffer.from(randomBytes(length).map((byte) => byte || 1));

/** A length that is as likely as those of what stands in for a plaintext. */
function anyLength(): number {
  return randomBytes(4).readUInt32BE() % (modulusLength - 10);
}

/** An encoded message with PKCS#1 v1.5 padding (RFC 8017 §7.2.1), of so many bytes. */
export function pkcs1Encoded(length = anyLength()): Buffer {
  const message = randomBytes(length);
  const padding = nonZero(modulusLength - 3 - message.length);
  return Buffer.concat([Buffer.from([0, 2]), padding, Buffer.from([0]), message]);
}

/** Encoded messages whose PKCS#1 v1.5 padding is wrong, by what is: the variants that Bleichenbacher's attack tells apart. */
export const pkcs1Wrong: Readonly<Record<string, (encoded: Buffer) => void>> = {
  "no leading zero": (encoded) => void encoded.writeUInt8(1, 0),
  "block type 0": (encoded) => void encoded.writeUInt8(0, 1),
  "block type 1": (encoded) => void encoded.writeUInt8(1, 1),
  "a zero in the padding": (encoded) => void encoded.writeUInt8(0, 2 + ((randomBytes(1)[0] ?? 0) % 8)),
  "the shortest padding less one byte": (encoded) => {
    nonZero(7).copy(encoded, 2);
    encoded.writeUInt8(0, 9);
  },
  "no separator": (encoded) => void nonZero(modulusLength - 2).copy(encoded, 2),
};

/** An encoded message with OAEP and SHA-1 or SHA-256 throughout. */
export function oaepEncoded(hash: "sha1" | "sha256", label = ""): Buffer {
  const oaep = { name: "rsa-oaep", hash, maskHash: hash, label: Buffer.from(label) } as const;
  return encodeOaep(oaep, randomBytes(32), randomBytes(hash === "sha1" ? 20 : 32), modulusLength);
}

/** Blocks under AES in CBC mode, not padded any further. */
export function cbc(blocks: Buffer, iv: Buffer, key = known.aes): Buffer {
  const cipher = createCipheriv("aes-256-cbc", key, iv).setAutoPadding(false);
  return Buffer.concat([cipher.update(blocks), cipher.final()]);
}

/** Blocks under another key, which under that of the server have no padding: by chance some would. */
export function foreignCbc(iv: Buffer): Buffer {
  for (;;) {
    const made = cbc(ending(3, 3, 3), iv, known.otherAes);
    const decipher = createDecipheriv("aes-256-cbc", known.aes, iv).setAutoPadding(false);
    const opened = Buffer.concat([decipher.update(made), decipher.final()]);
    const count = opened.at(-1) ?? 0;
    if (count === 0 || count > 16) return made;
  }
}

/** Three blocks whose last bytes are these. */
export function ending(...bytes: readonly number[]): Buffer {
  const blocks = nonZero(48);
  Buffer.from(bytes).copy(blocks, blocks.length - bytes.length);
  return blocks;
}

/** Blocks with wrong PKCS#5 padding, by what is wrong: the variants that Vaudenay's attack tells apart. */
export const paddingWrong: Readonly<Record<string, () => Buffer>> = {
  "the count is 0": () => ending(7, 0),
  "the count is 17": () => ending(...new Array<number>(15).fill(17), 17),
  "the byte before the count is wrong": () => ending(3, 9, 3),
  "the first byte of the padding is wrong": () => ending(1, ...new Array<number>(15).fill(16)),
  "the count is 255": () => ending(255),
};

/** Data under a cipher that authenticates. */
export function sealed(
  cipher: "aes-256-gcm" | "aes-256-ccm" | "chacha20-poly1305",
  { key, iv, additional }: { readonly key: Buffer; readonly iv: Buffer; readonly additional: Buffer },
): { readonly data: Buffer; readonly tag: Buffer } {
  const plaintext = randomBytes(48);
  const made = createCipheriv(cipher as CipherGCMTypes, key, iv, { authTagLength: 16 });
  made.setAAD(additional, { plaintextLength: plaintext.length });
  const data = Buffer.concat([made.update(plaintext), made.final()]);
  return { data, tag: made.getAuthTag() };
}

/** Bytes with one of them changed. */
export function altered(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  const place = at < 0 ? copy.length + at : at;
  copy[place] = (copy[place] ?? 0) ^ 0x40;
  return copy;
}

/** A key wrapped by AES key wrap (RFC 3394). */
export function keyWrapped(value: Buffer, key = known.aes): Buffer {
  const cipher = createCipheriv("id-aes256-wrap", key, Buffer.alloc(8, 0xa6));
  return Buffer.concat([cipher.update(value), cipher.final()]);
}

/** The HMAC with SHA-256 of bytes. */
export function macOf(data: Buffer): Buffer {
  return createHmac("sha256", known.mac).update(data).digest();
}
