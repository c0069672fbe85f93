import { createCipheriv, createHmac, pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import {
  bmpString,
  contextConstructed,
  contextPrimitive,
  type DerNode,
  derNull,
  encodeDer,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  smallInteger,
} from "./der.js";
import { derivePkcs12Key, pkcs12Password, pkcs12Purpose } from "./pkcs12-keys.js";

/** What a PKCS#12 container holds: a private key with its certificates, or certificates alone. */
export interface Pkcs12Content {
  /** PKCS#8 DER. */
  readonly privateKey: Buffer | undefined;
  /** DER, that of the private key first. */
  readonly certificates: readonly Buffer[];
  readonly friendlyName: string | undefined;
}

const passwordBasedKey = promisify(pbkdf2);

/** Rounds of the derivation for encryption, and of that for the MAC, which the event loop does. */
const encryptionRounds = 100_000;
const authenticationRounds = 2048;

/** How a container is protected. */
export const pkcs12Protections = {
  /** AES-256 and HMAC-SHA-256. */
  modern: { authentication: "sha256", macBytes: 32 },
  /** Triple DES and HMAC-SHA-1, which is all that old appliances read. */
  legacy: { authentication: "sha1", macBytes: 20 },
} as const;

/** One of them. */
export type Pkcs12Protection = keyof typeof pkcs12Protections;

interface Encrypted {
  readonly algorithm: DerNode;
  readonly ciphertext: Buffer;
}

/** Encrypts under a password by triple DES with the key derivation of PKCS#12 (RFC 7292 appendix C). */
async function encryptedForOld(password: string, plaintext: Buffer): Promise<Encrypted> {
  const salt = randomBytes(8);
  const secret = pkcs12Password(password);
  const common = { hash: "sha1", salt, iterations: authenticationRounds } as const;
  const key = await derivePkcs12Key(secret, { ...common, purpose: pkcs12Purpose.encryption, length: 24 });
  const vector = await derivePkcs12Key(secret, { ...common, purpose: pkcs12Purpose.initializationVector, length: 8 });
  secret.fill(0);
  const cipher = createCipheriv("des-ede3-cbc", key, vector);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  key.fill(0);
  const parameters = sequence(octetString(salt), smallInteger(authenticationRounds));
  return { algorithm: sequence(objectIdentifier("pbeWithSHAAnd3KeyTripleDESCBC"), parameters), ciphertext };
}

const encryptions = { modern: encrypted, legacy: encryptedForOld } as const;

/** Encrypts under a password by PBES2: PBKDF2 with HMAC-SHA-256, and AES-256-CBC (RFC 8018 §6.2). */
async function encrypted(password: string, plaintext: Buffer): Promise<Encrypted> {
  const salt = randomBytes(16);
  const vector = randomBytes(16);
  const key = await passwordBasedKey(password, salt, encryptionRounds, 32, "sha256");
  const cipher = createCipheriv("aes-256-cbc", key, vector);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  key.fill(0);
  const derivation = sequence(
    octetString(salt),
    smallInteger(encryptionRounds),
    sequence(objectIdentifier("hmacWithSHA256"), derNull()),
  );
  const scheme = sequence(
    sequence(objectIdentifier("pBKDF2"), derivation),
    sequence(objectIdentifier("aes256Cbc"), octetString(vector)),
  );
  return { algorithm: sequence(objectIdentifier("pBES2"), scheme), ciphertext };
}

function bagAttributes(friendlyName: string | undefined, keyId: Buffer | undefined): DerNode[] {
  const named = friendlyName === undefined ? [] : [attribute("friendlyName", bmpString(friendlyName))];
  const identified = keyId === undefined ? [] : [attribute("localKeyID", octetString(keyId))];
  const all = [...named, ...identified];
  return all.length === 0 ? [] : [setOf(...all)];
}

function attribute(name: "friendlyName" | "localKeyID", value: DerNode): DerNode {
  return sequence(objectIdentifier(name), setOf(value));
}

async function keyBag(
  privateKey: Buffer,
  password: string,
  attributes: DerNode[],
  protection: Pkcs12Protection,
): Promise<DerNode> {
  const { algorithm, ciphertext } = await encryptions[protection](password, privateKey);
  const shrouded = sequence(algorithm, octetString(ciphertext));
  return sequence(objectIdentifier("pkcs8ShroudedKeyBag"), contextConstructed(0, shrouded), ...attributes);
}

function certificateBag(certificate: Buffer, attributes: DerNode[]): DerNode {
  const value = sequence(objectIdentifier("x509Certificate"), contextConstructed(0, octetString(certificate)));
  return sequence(objectIdentifier("certBag"), contextConstructed(0, value), ...attributes);
}

function plainContent(content: Buffer): DerNode {
  return sequence(objectIdentifier("data"), contextConstructed(0, octetString(content)));
}

async function encryptedContent(content: Buffer, password: string, protection: Pkcs12Protection): Promise<DerNode> {
  const { algorithm, ciphertext } = await encryptions[protection](password, content);
  const inner = sequence(objectIdentifier("data"), algorithm, contextPrimitive(0, ciphertext));
  return sequence(objectIdentifier("encryptedData"), contextConstructed(0, sequence(smallInteger(0), inner)));
}

async function authentication(password: string, content: Buffer, protection: Pkcs12Protection): Promise<DerNode> {
  const { authentication: hash, macBytes } = pkcs12Protections[protection];
  const salt = randomBytes(16);
  const secret = pkcs12Password(password);
  const key = await derivePkcs12Key(secret, {
    hash,
    salt,
    iterations: authenticationRounds,
    purpose: pkcs12Purpose.authentication,
    length: macBytes,
  });
  secret.fill(0);
  const mac = createHmac(hash, key).update(content).digest();
  key.fill(0);
  const digest = sequence(sequence(objectIdentifier(hash), derNull()), octetString(mac));
  return sequence(digest, octetString(salt), smallInteger(authenticationRounds));
}

/** A PKCS#12 container (RFC 7292) under a password: everything in it is encrypted and the whole authenticated. DER. */
export async function writePkcs12(
  content: Pkcs12Content,
  password: string,
  protection: Pkcs12Protection = "modern",
): Promise<Buffer> {
  const { privateKey, certificates, friendlyName } = content;
  const keyId = privateKey === undefined ? undefined : randomBytes(20);
  const bags = certificates.map((certificate, index) =>
    certificateBag(certificate, index === 0 ? bagAttributes(friendlyName, keyId) : []),
  );
  const safes = bags.length === 0 ? [] : [await encryptedContent(encodeDer(sequence(...bags)), password, protection)];
  if (privateKey !== undefined) {
    const bag = await keyBag(privateKey, password, bagAttributes(friendlyName, keyId), protection);
    safes.push(plainContent(encodeDer(sequence(bag))));
  }
  const authenticated = encodeDer(sequence(...safes));
  const code = await authentication(password, authenticated, protection);
  return encodeDer(sequence(smallInteger(3), plainContent(authenticated), code));
}
