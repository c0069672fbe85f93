import { sameSecret } from "#src/secrecy/same-secret.js";
import type { Cryptography } from "../cryptography.js";
import type { ChosenCipher } from "../mechanisms/ciphers.js";
import type { HashName, MacSpecification, SignatureSpecification } from "../port.js";
import { isUnsupported } from "../rsa/padding-beside-token.js";
import { decryptor, encryptor, isAuthenticated } from "../software/ciphers.js";
import { secretOf } from "../software/key.js";
import type { UsableKey } from "../usable-key.js";
import { framedDecryption, framedEncryption } from "./framed.js";
import {
  collectingStream,
  softwareCipherStream,
  softwareDigestStream,
  softwareHmacStream,
  splittingTag,
  tokenStream,
} from "./raw.js";
import type { LastPart, PartStream } from "./stream.js";

/** Most bytes that a stream can have, whatever the configuration says: counters must be long enough for them. */
const longestStream = 1024 * 1024 * 1024;

/** Does it in the token, or beside it where the token lacks the mechanism. */
async function preferring<Result>(
  inToken: () => Promise<Result>,
  beside: (refusal: unknown) => Promise<Result>,
): Promise<Result> {
  try {
    return await inToken();
  } catch (error) {
    if (!isUnsupported(error)) throw error;
    return beside(error);
  }
}

/** An encryption in parts. Rejects with CryptoError. */
export async function encryptionStream(
  cryptography: Cryptography,
  key: UsableKey,
  cipher: ChosenCipher,
): Promise<PartStream<LastPart>> {
  const { inParts } = cipher;
  if (inParts === null) return collectingStream((data) => cryptography.encrypt(key, cipher, data));
  const { specification, framing } = inParts;
  const authenticated = isAuthenticated(specification);
  const request = { kind: "encrypt", key: key.reference, specification } as const;
  const stream = await preferring(
    async () =>
      splittingTag(await tokenStream(cryptography.partition, request), authenticated ? specification.tagLength : null),
    async (refusal) => {
      // Tokens that do not encrypt so in parts may yet do it whole, and the key stays where it is.
      if (specification.name === "gcm") return collectingStream((data) => cryptography.encrypt(key, cipher, data));
      return cryptography.inSoftware(key, refusal, (softwareKey) =>
        softwareCipherStream(encryptor(softwareKey, specification, longestStream), "invalid-data", authenticated),
      );
    },
  );
  return framing === null ? stream : framedEncryption(stream, framing);
}

/**
 * A decryption in parts. Of a cipher that authenticates nothing is given before the tag is checked, so that its data are
 * kept until the end. Rejects with CryptoError.
 */
export async function decryptionStream(
  cryptography: Cryptography,
  key: UsableKey,
  cipher: ChosenCipher,
  separate: (data: Buffer) => { readonly data: Buffer; readonly tag: Buffer | null },
): Promise<PartStream<LastPart>> {
  const { inParts } = cipher;
  if (inParts === null || isAuthenticated(cipher.specification)) {
    return collectingStream(async (data) => ({
      data: await cryptography.decrypt(key, cipher, separate(data)),
      tag: null,
    }));
  }
  const { specification, framing } = inParts;
  const request = { kind: "decrypt", key: key.reference, specification } as const;
  const stream = await preferring(
    async () => splittingTag(await tokenStream(cryptography.partition, request), null),
    (refusal) =>
      cryptography.inSoftware(key, refusal, (softwareKey) =>
        softwareCipherStream(
          decryptor(softwareKey, specification, { length: longestStream, tag: null }),
          "decryption-failed",
          false,
        ),
      ),
  );
  return countingStream(cryptography, key, framing === null ? stream : framedDecryption(stream, framing));
}

/** A stream whose failures are counted as those of whole data are. */
function countingStream(
  cryptography: Cryptography,
  key: UsableKey,
  stream: PartStream<LastPart>,
): PartStream<LastPart> {
  return {
    update: (part) => cryptography.countingFailures(key, () => stream.update(part)),
    finish: () => cryptography.countingFailures(key, () => stream.finish()),
    close: () => stream.close(),
  };
}

/** A message authentication code over parts. Rejects with CryptoError. */
export function macStream(
  cryptography: Cryptography,
  key: UsableKey,
  specification: MacSpecification,
): Promise<PartStream<Buffer>> {
  return preferring(
    () => tokenStream(cryptography.partition, { kind: "mac", key: key.reference, specification }),
    async (refusal) => {
      if (specification.name !== "hmac") {
        return collectingStream((data) => cryptography.mac(key, specification, data));
      }
      return cryptography.inSoftware(key, refusal, (softwareKey) =>
        softwareHmacStream(secretOf(softwareKey), specification.hash),
      );
    },
  );
}

/** Whether a code, which is asked for at the end, is that of the parts; compared in constant time. */
export async function macVerificationStream(
  cryptography: Cryptography,
  key: UsableKey,
  specification: MacSpecification,
  given: () => Buffer,
): Promise<PartStream<boolean>> {
  const made = await macStream(cryptography, key, specification);
  return {
    update: (part) => made.update(part),
    finish: async () => {
      const mac = given();
      const expected = await made.finish();
      return sameSecret(expected, mac);
    },
    close: () => made.close(),
  };
}

/** A digest of parts. Rejects with CryptoError. */
export function digestStream(cryptography: Cryptography, hash: HashName): Promise<PartStream<Buffer>> {
  return preferring(
    () => tokenStream(cryptography.partition, { kind: "digest", hash }),
    async (refusal) => {
      if (!cryptography.softwareAllowed) throw refusal;
      return softwareDigestStream(hash);
    },
  );
}

/** The signature of a digest that stands for a signature of data; undefined where there is none. */
function overDigest(specification: SignatureSpecification): SignatureSpecification | undefined {
  switch (specification.name) {
    case "rsa-pkcs1":
      return { name: "rsa-pkcs1", hash: null, digestInfo: specification.hash };
    case "rsa-pss":
      return { ...specification, prehashed: true };
    case "ecdsa":
      return { name: "ecdsa", hash: null };
    default:
      return undefined;
  }
}

function hashOf(specification: SignatureSpecification): HashName | null {
  return "hash" in specification ? specification.hash : null;
}

/**
 * A signature over parts, made or checked by `conclude` at the end: the digest is made as the parts come, and the token
 * gets the digest. Keys that software uses, and schemes that are not of a digest, need all data. Rejects with CryptoError.
 */
export async function signatureStream<Result>(
  key: UsableKey,
  specification: SignatureSpecification,
  conclude: (specification: SignatureSpecification, data: Buffer) => Promise<Result>,
): Promise<PartStream<Result>> {
  const prehashed = overDigest(specification);
  const hash = hashOf(specification);
  if (prehashed === undefined || hash === null || key.softwareOnly) {
    return collectingStream((data) => conclude(specification, data));
  }
  const digest = softwareDigestStream(hash);
  return {
    update: (part) => digest.update(part),
    finish: async () => conclude(prehashed, await digest.finish()),
    close: () => digest.close(),
  };
}
