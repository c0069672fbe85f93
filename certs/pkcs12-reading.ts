import { createDecipheriv, createHmac, pbkdf2 } from "node:crypto";
import { promisify } from "node:util";
import { sameSecret } from "#src/secrecy/same-secret.js";
import { type DerElement, derElements, dotted } from "./der-elements.js";
import { CertificateError } from "./errors.js";
import { type ObjectIdentifierName, objectIdentifierName } from "./object-identifiers.js";
import type { Pkcs12Content } from "./pkcs12.js";
import { derivePkcs12Key, type Pkcs12Hash, pkcs12Password, pkcs12Purpose } from "./pkcs12-keys.js";

const passwordBasedKey = promisify(pbkdf2);

/** The most rounds that one container takes in all: of PKCS#12's own derivation, which is slow here, and of PBKDF2. */
const mostRounds = { own: 400_000, passwordBased: 2_000_000 } as const;

/** A password, and the rounds that its container may still take. */
class Opening {
  readonly password: string;
  private readonly left: Record<keyof typeof mostRounds, number> = { ...mostRounds };

  constructor(password: string) {
    this.password = password;
  }

  /** Takes rounds of a derivation that is done so many times. Throws CertificateError where too few are left. */
  rounds(kind: keyof typeof mostRounds, element: DerElement | undefined, times = 1): number {
    const rounds = numberOf(element, mostRounds[kind]);
    this.left[kind] -= rounds * times;
    if (rounds < 1 || this.left[kind] < 0) throw malformed();
    return rounds;
  }
}

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
  return objectIdentifierName(dotted(contentOf(element, tag.identifier)));
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
async function passwordScheme(parameters: DerElement | undefined, opening: Opening): Promise<Cipher> {
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
  const iterations = opening.rounds("passwordBased", rounds);
  const saltBytes = contentOf(salt, tag.octets);
  const key = await passwordBasedKey(opening.password, saltBytes, iterations, cipher.keyLength, hash);
  return { name: cipher.name, key, vector: contentOf(vector, tag.octets) };
}

/** Triple DES under a key of PKCS#12's own derivation (RFC 7292 appendix C). */
async function ownScheme(parameters: DerElement | undefined, opening: Opening): Promise<Cipher> {
  const [salt, rounds] = inside(parameters, tag.sequence);
  // Two digests make the key, one the vector.
  const common = {
    hash: "sha1",
    salt: contentOf(salt, tag.octets),
    iterations: opening.rounds("own", rounds, 3),
  } as const;
  const secret = pkcs12Password(opening.password);
  const key = await derivePkcs12Key(secret, { ...common, purpose: pkcs12Purpose.encryption, length: 24 });
  const vector = await derivePkcs12Key(secret, { ...common, purpose: pkcs12Purpose.initializationVector, length: 8 });
  secret.fill(0);
  return { name: "des-ede3-cbc", key, vector };
}

async function decrypted(algorithm: DerElement | undefined, ciphertext: Buffer, opening: Opening): Promise<Buffer> {
  const [name, parameters] = inside(algorithm, tag.sequence);
  const scheme = nameOf(name);
  if (scheme !== "pBES2" && scheme !== "pbeWithSHAAnd3KeyTripleDESCBC") throw malformed();
  const cipher = await (scheme === "pBES2" ? passwordScheme(parameters, opening) : ownScheme(parameters, opening));
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
async function authenticate(macData: DerElement | undefined, content: Buffer, opening: Opening): Promise<void> {
  const [digestInfo, salt, rounds] = inside(macData, tag.sequence);
  const [algorithm, digest] = inside(digestInfo, tag.sequence);
  const hash = nameOf(inside(algorithm, tag.sequence)[0]);
  if (hash !== "sha1" && hash !== "sha256" && hash !== "sha384" && hash !== "sha512") throw malformed();
  const expected = contentOf(digest, tag.octets);
  const secret = pkcs12Password(opening.password);
  const iterations = rounds === undefined ? 1 : opening.rounds("own", rounds);
  const purpose = pkcs12Purpose.authentication;
  const length = digestLengths[hash];
  const key = await derivePkcs12Key(secret, { hash, salt: contentOf(salt, tag.octets), iterations, purpose, length });
  const mac = createHmac(hash, key).update(content).digest();
  secret.fill(0);
  key.fill(0);
  if (sameSecret(mac, expected)) return;
  throw new CertificateError("The container does not open with the password");
}

const digestLengths: Readonly<Record<Pkcs12Hash, number>> = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 };

interface Bag {
  readonly kind: "key" | "certificate";
  readonly value: Buffer;
  readonly friendlyName: string | undefined;
  readonly keyId: string | undefined;
}

async function readBag(element: DerElement, opening: Opening): Promise<Bag | undefined> {
  const [name, wrapped, bagAttributes] = inside(element, tag.sequence);
  const value = single(contentOf(wrapped, tag.context0));
  const named = readAttributes(bagAttributes);
  switch (nameOf(name)) {
    case "keyBag":
      return { kind: "key", value: Buffer.from(value.whole), ...named };
    case "pkcs8ShroudedKeyBag": {
      const [algorithm, ciphertext] = inside(value, tag.sequence);
      return { kind: "key", value: await decrypted(algorithm, contentOf(ciphertext, tag.octets), opening), ...named };
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
    friendlyName: friendly?.tag === tag.bmp ? bmpText(friendly.content) : undefined,
    keyId: keyId?.content.toString("hex"),
  };
}

function bmpText(content: Buffer): string {
  if (content.length % 2 !== 0) throw malformed();
  return Buffer.from(content).swap16().toString("utf16le");
}

async function readSafe(element: DerElement, opening: Opening): Promise<Bag[]> {
  const [name, wrapped] = inside(element, tag.sequence);
  const content = single(contentOf(wrapped, tag.context0));
  const safe = await safeContents(nameOf(name), content, opening);
  const bags: Bag[] = [];
  for (const each of inside(single(safe), tag.sequence)) {
    const bag = await readBag(each, opening);
    if (bag !== undefined) bags.push(bag);
  }
  return bags;
}

function safeContents(name: string, content: DerElement, opening: Opening): Promise<Buffer> {
  if (name === "data") return Promise.resolve(contentOf(content, tag.octets));
  if (name !== "encryptedData") throw malformed();
  const [, encryptedContent] = inside(content, tag.sequence);
  const [, algorithm, ciphertext] = inside(encryptedContent, tag.sequence);
  if (ciphertext?.tag !== 0x80) throw malformed();
  return decrypted(algorithm, ciphertext.content, opening);
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
  const opening = new Opening(password);
  await authenticate(macData, authenticated, opening);
  const bags: Bag[] = [];
  try {
    for (const each of inside(single(authenticated), tag.sequence)) bags.push(...(await readSafe(each, opening)));
    return chosen(bags, friendlyName?.toLowerCase());
  } catch (error) {
    for (const { kind, value } of bags) if (kind === "key") value.fill(0);
    throw error;
  }
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
