import { createDecipheriv, createHmac, pbkdf2, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { type DerElement, derElements } from "./der-elements.js";
import { CertificateError } from "./errors.js";
import { type ObjectIdentifierName, objectIdentifierName } from "./object-identifiers.js";
import type { Pkcs12Content } from "./pkcs12.js";
import { derivePkcs12Key, type Pkcs12Hash, pkcs12Password, pkcs12Purpose } from "./pkcs12-keys.js";

const passwordBasedKey = promisify(pbkdf2);

/** The most rounds taken of derivations that others wait for, and of those that run beside. */
const mostRounds = { waiting: 100_000, beside: 10_000_000 } as const;

const tag = {
  integer: 0x02,
  octets: 0x04,
  identifier: 0x06,
  sequence: 0x30,
  set: 0x31,
  bmp: 0x1e,
  context0: 0xa0,
} as const;

function malformed(): CertificateError {
  return new CertificateError("The container is no PKCS#12 of a kind that is read");
}

/** The elements inside an element, which must have the tag. */
function inside(element: DerElement | undefined, expected: number): readonly DerElement[] {
  if (element?.tag !== expected) throw malformed();
  return derElements(element.content);
}

function contentOf(element: DerElement | undefined, expected: number): Buffer {
  if (element?.tag !== expected) throw malformed();
  return element.content;
}

function single(content: Buffer): DerElement {
  const [only, ...more] = derElements(content);
  if (only === undefined || more.length > 0) throw malformed();
  return only;
}

function nameOf(element: DerElement | undefined): ObjectIdentifierName | string {
  const content = contentOf(element, tag.identifier);
  const numbers: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    numbers.push(value);
    value = 0;
  }
  const [first = 0, ...rest] = numbers;
  const root = Math.min(2, Math.floor(first / 40));
  return objectIdentifierName([root, first - root * 40, ...rest].join("."));
}

function numberOf(element: DerElement | undefined, most: number): number {
  const content = contentOf(element, tag.integer);
  const value =
    content.length > 6 || content.length === 0 ? Number.POSITIVE_INFINITY : content.readUIntBE(0, content.length);
  if (value > most) throw malformed();
  return value;
}

const pseudorandomHashes: ReadonlyMap<string, string> = new Map([
  ["hmacWithSHA1", "sha1"],
  ["hmacWithSHA224", "sha224"],
  ["hmacWithSHA256", "sha256"],
  ["hmacWithSHA384", "sha384"],
  ["hmacWithSHA512", "sha512"],
]);

const ciphers: ReadonlyMap<string, { readonly name: string; readonly keyLength: number }> = new Map([
  ["aes128Cbc", { name: "aes-128-cbc", keyLength: 16 }],
  ["aes192Cbc", { name: "aes-192-cbc", keyLength: 24 }],
  ["aes256Cbc", { name: "aes-256-cbc", keyLength: 32 }],
  ["desEde3Cbc", { name: "des-ede3-cbc", keyLength: 24 }],
]);

interface Cipher {
  readonly name: string;
  readonly key: Buffer;
  readonly vector: Buffer;
}

/** PBES2 with PBKDF2 (RFC 8018 §6.2, appendix A.4). */
async function passwordScheme(parameters: DerElement | undefined, password: string): Promise<Cipher> {
  const [derivation, scheme] = inside(parameters, tag.sequence);
  const [derivationName, derivationParameters] = inside(derivation, tag.sequence);
  const [cipherName, vector] = inside(scheme, tag.sequence);
  const cipher = ciphers.get(nameOf(cipherName));
  if (nameOf(derivationName) !== "pBKDF2" || cipher === undefined) throw malformed();
  const [salt, rounds, ...more] = inside(derivationParameters, tag.sequence);
  const pseudorandom = more.find((element) => element.tag === tag.sequence);
  const hash =
    pseudorandom === undefined ? "sha1" : pseudorandomHashes.get(nameOf(inside(pseudorandom, tag.sequence)[0]));
  if (hash === undefined) throw malformed();
  const iterations = numberOf(rounds, mostRounds.beside);
  const key = await passwordBasedKey(password, contentOf(salt, tag.octets), iterations, cipher.keyLength, hash);
  return { name: cipher.name, key, vector: contentOf(vector, tag.octets) };
}

/** Triple DES under a key of PKCS#12's own derivation (RFC 7292 appendix C). */
function ownScheme(parameters: DerElement | undefined, password: string): Cipher {
  const [salt, rounds] = inside(parameters, tag.sequence);
  const secret = pkcs12Password(password);
  const common = {
    hash: "sha1",
    salt: contentOf(salt, tag.octets),
    iterations: numberOf(rounds, mostRounds.waiting),
  } as const;
  const key = derivePkcs12Key(secret, { ...common, purpose: pkcs12Purpose.encryption, length: 24 });
  const vector = derivePkcs12Key(secret, { ...common, purpose: pkcs12Purpose.initializationVector, length: 8 });
  secret.fill(0);
  return { name: "des-ede3-cbc", key, vector };
}

async function decrypted(algorithm: DerElement | undefined, ciphertext: Buffer, password: string): Promise<Buffer> {
  const [name, parameters] = inside(algorithm, tag.sequence);
  const scheme = nameOf(name);
  if (scheme !== "pBES2" && scheme !== "pbeWithSHAAnd3KeyTripleDESCBC") throw malformed();
  const cipher = scheme === "pBES2" ? await passwordScheme(parameters, password) : ownScheme(parameters, password);
  try {
    const decipher = createDecipheriv(cipher.name, cipher.key, cipher.vector);
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
  } catch (cause) {
    throw new CertificateError("The container does not open with the password", { cause });
  } finally {
    cipher.key.fill(0);
  }
}

/** Throws where the password does not fit, or the container was altered (RFC 7292 §4). */
function authenticate(macData: DerElement | undefined, content: Buffer, password: string): void {
  const [digestInfo, salt, rounds] = inside(macData, tag.sequence);
  const [algorithm, digest] = inside(digestInfo, tag.sequence);
  const hash = nameOf(inside(algorithm, tag.sequence)[0]);
  if (hash !== "sha1" && hash !== "sha256" && hash !== "sha384" && hash !== "sha512") throw malformed();
  const expected = contentOf(digest, tag.octets);
  const secret = pkcs12Password(password);
  const iterations = rounds === undefined ? 1 : numberOf(rounds, mostRounds.waiting);
  const purpose = pkcs12Purpose.authentication;
  const length = digestLengths[hash];
  const key = derivePkcs12Key(secret, { hash, salt: contentOf(salt, tag.octets), iterations, purpose, length });
  const mac = createHmac(hash, key).update(content).digest();
  secret.fill(0);
  key.fill(0);
  if (mac.length === expected.length && timingSafeEqual(mac, expected)) return;
  throw new CertificateError("The container does not open with the password");
}

const digestLengths: Readonly<Record<Pkcs12Hash, number>> = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 };

interface Bag {
  readonly kind: "key" | "certificate";
  readonly value: Buffer;
  readonly friendlyName: string | undefined;
  readonly keyId: string | undefined;
}

async function readBag(element: DerElement, password: string): Promise<Bag | undefined> {
  const [name, wrapped, bagAttributes] = inside(element, tag.sequence);
  const value = single(contentOf(wrapped, tag.context0));
  const named = readAttributes(bagAttributes);
  switch (nameOf(name)) {
    case "keyBag":
      return { kind: "key", value: Buffer.from(value.whole), ...named };
    case "pkcs8ShroudedKeyBag": {
      const [algorithm, ciphertext] = inside(value, tag.sequence);
      return { kind: "key", value: await decrypted(algorithm, contentOf(ciphertext, tag.octets), password), ...named };
    }
    case "certBag": {
      const [type, content] = inside(value, tag.sequence);
      if (nameOf(type) !== "x509Certificate") return undefined;
      const certificate = contentOf(single(contentOf(content, tag.context0)), tag.octets);
      return { kind: "certificate", value: Buffer.from(certificate), ...named };
    }
    default:
      return undefined;
  }
}

function readAttributes(element: DerElement | undefined): Pick<Bag, "friendlyName" | "keyId"> {
  const list = element === undefined ? [] : inside(element, tag.set);
  const found = new Map(
    list.map((each) => {
      const [name, values] = inside(each, tag.sequence);
      return [nameOf(name), inside(values, tag.set)[0]] as const;
    }),
  );
  const friendly = found.get("friendlyName");
  const keyId = found.get("localKeyID");
  return {
    friendlyName: friendly?.tag === tag.bmp ? Buffer.from(friendly.content).swap16().toString("utf16le") : undefined,
    keyId: keyId?.content.toString("hex"),
  };
}

async function readSafe(element: DerElement, password: string): Promise<Bag[]> {
  const [name, wrapped] = inside(element, tag.sequence);
  const content = single(contentOf(wrapped, tag.context0));
  const safe = await safeContents(nameOf(name), content, password);
  const bags: Bag[] = [];
  for (const each of inside(single(safe), tag.sequence)) {
    const bag = await readBag(each, password);
    if (bag !== undefined) bags.push(bag);
  }
  return bags;
}

function safeContents(name: string, content: DerElement, password: string): Promise<Buffer> {
  if (name === "data") return Promise.resolve(contentOf(content, tag.octets));
  if (name !== "encryptedData") throw malformed();
  const [, encryptedContent] = inside(content, tag.sequence);
  const [, algorithm, ciphertext] = inside(encryptedContent, tag.sequence);
  if (ciphertext?.tag !== 0x80) throw malformed();
  return decrypted(algorithm, ciphertext.content, password);
}

/**
 * Reads a PKCS#12 container (RFC 7292): the private key of a friendly name, else the first, with its certificate and the
 * others behind it.
 *
 * @throws CertificateError where it is none, does not open with the password, or uses what is not read: RC2 among others.
 */
export async function readPkcs12(der: Buffer, password: string, friendlyName?: string): Promise<Pkcs12Content> {
  const [version, authSafe, macData] = inside(single(der), tag.sequence);
  const [name, wrapped] = inside(authSafe, tag.sequence);
  if (numberOf(version, 3) !== 3 || nameOf(name) !== "data") throw malformed();
  const authenticated = contentOf(single(contentOf(wrapped, tag.context0)), tag.octets);
  authenticate(macData, authenticated, password);
  const bags: Bag[] = [];
  for (const each of inside(single(authenticated), tag.sequence)) bags.push(...(await readSafe(each, password)));
  return chosen(bags, friendlyName?.toLowerCase());
}

function chosen(bags: readonly Bag[], friendlyName: string | undefined): Pkcs12Content {
  const keys = bags.filter(({ kind }) => kind === "key");
  const key =
    friendlyName === undefined ? keys[0] : keys.find((each) => each.friendlyName?.toLowerCase() === friendlyName);
  for (const other of keys) if (other !== key) other.value.fill(0);
  if (key === undefined && friendlyName !== undefined) {
    throw new CertificateError("The container has no private key of the friendly name");
  }
  const certificates = bags.filter(({ kind }) => kind === "certificate");
  const own = certificates.filter(({ keyId }) => keyId !== undefined && keyId === key?.keyId);
  const others = certificates.filter((certificate) => !own.includes(certificate));
  return {
    privateKey: key?.value,
    certificates: [...own, ...others].map(({ value }) => value),
    friendlyName: key?.friendlyName,
  };
}
