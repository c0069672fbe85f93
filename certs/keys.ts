import { generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { privateKeyFromPem } from "./key-reading.js";

const generate = promisify(generateKeyPair);

const keyKinds = {
  "ec-p256": () => generate("ec", { namedCurve: "P-256" }),
  "rsa-2048": () => generate("rsa", { modulusLength: 2048 }),
  "rsa-3072": () => generate("rsa", { modulusLength: 3072 }),
  "rsa-4096": () => generate("rsa", { modulusLength: 4096 }),
} as const;

/** The kinds of key pair that certificates are issued for. */
export type KeyKind = keyof typeof keyKinds;

/** A key pair held in this process. */
export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** Generates a key pair off the main thread (RSA takes a tenth of a second and more). */
export async function createKeyPair(kind: KeyKind): Promise<KeyPair> {
  return keyKinds[kind]();
}

/** The private key as unencrypted PKCS#8 PEM. */
export function privateKeyPem(privateKey: KeyObject): string {
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** A private key (PKCS#8 PEM) encrypted under a password: PBES2 with AES-256-CBC (RFC 5958, RFC 8018). */
export function encryptedPrivateKeyPem(pem: string, password: string): string {
  const key = privateKeyFromPem(pem);
  return key.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: password }).toString();
}

/** The key's SubjectPublicKeyInfo as DER. */
export function subjectPublicKeyInfo(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: "spki", format: "der" });
}

const curveNames: Readonly<Record<string, string>> = { prime256v1: "P-256", secp384r1: "P-384", secp521r1: "P-521" };

/** The field size of a curve in bits, by OpenSSL's name of it, which tells it; undefined for curves without a name. */
export function curveBits(namedCurve: string | undefined): number | undefined {
  const digits = namedCurve?.match(/\d{3}/)?.[0];
  return digits === undefined ? undefined : Number(digits);
}

/** The key's type and size as people write it: `EC P-256`, `RSA 2048`, `ED25519`. */
export function keyTypeName(key: KeyObject): string {
  const type = (key.asymmetricKeyType ?? "unknown").toUpperCase();
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (modulusLength !== undefined) return `${type} ${modulusLength}`;
  if (namedCurve !== undefined) return `${type} ${curveNames[namedCurve] ?? namedCurve}`;
  return type;
}
