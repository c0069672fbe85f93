import { randomBytes } from "node:crypto";
import type {
  CryptoErrorCode,
  ImportRequest,
  KeyClass,
  KeyReference,
  KeyType,
  Partition,
  StoredKey,
} from "#src/crypto/port.js";

let counter = 0;

/** A fresh KMIP Unique Identifier. */
export function newObjectId(): string {
  counter += 1;
  return `object-${counter}`;
}

/** How the rest of the server names a key that the partition took into custody. */
export function referenceTo(
  stored: Omit<StoredKey, "digest">,
  keyType: KeyType,
  keyClass: KeyClass = "secret",
  custody: "wrapped" | "token" = "wrapped",
): KeyReference {
  const { material, keyEncryptionKeyVersion } = stored;
  return { objectId: newObjectId(), custody, keyClass, keyType, material, keyEncryptionKeyVersion };
}

/** A reference to a public key by its SubjectPublicKeyInfo DER. */
export function publicReference(publicKey: Buffer, keyType: "rsa" | "ec"): KeyReference {
  return {
    objectId: newObjectId(),
    custody: "wrapped",
    keyClass: "public",
    keyType,
    material: publicKey,
    keyEncryptionKeyVersion: 0,
  };
}

/** Where a key goes: the custody, and what it needs in the token. */
export function place(custody: "wrapped" | "token"): Pick<ImportRequest, "objectId" | "custody" | "tokenId"> {
  const objectId = newObjectId();
  return custody === "token" ? { objectId, custody, tokenId: randomBytes(16) } : { objectId, custody };
}

/** Imports a secret given as hexadecimal digits. */
export async function importSecret(
  partition: Partition,
  keyType: "aes" | "des3" | "generic",
  digits: string,
  custody: "wrapped" | "token" = "wrapped",
): Promise<KeyReference> {
  const value = Buffer.from(digits, "hex");
  const stored = await partition.importKey({ ...place(custody), keyClass: "secret", keyType, value });
  return referenceTo(stored, keyType, "secret", custody);
}

/** Imports a private key given as PKCS#8 DER. */
export async function importPrivate(
  partition: Partition,
  keyType: "rsa" | "ec",
  pkcs8: Buffer,
  custody: "wrapped" | "token" = "wrapped",
): Promise<KeyReference> {
  const value = Buffer.from(pkcs8);
  const stored = await partition.importKey({ ...place(custody), keyClass: "private", keyType, value });
  return referenceTo(stored, keyType, "private", custody);
}

/** Makes the next version of the key-encryption key and gives its number. */
export async function nextKeyEncryptionKey(partition: Partition): Promise<number> {
  const next = ((await partition.keyEncryptionKeyVersions()).at(-1) ?? 0) + 1;
  await partition.makeKeyEncryptionKey(next);
  return next;
}

/** What a rejection of the port carries, for t.rejects. */
export function refusal(code: CryptoErrorCode): { name: string; code: CryptoErrorCode } {
  return { name: "CryptoError", code };
}
