import { constants, type KeyObject, verify } from "node:crypto";
import { type DerElement, derElements, derTags, dotted, expected } from "./der-elements.js";
import { CertificateError } from "./errors.js";

interface Scheme {
  /** Undefined for schemes that hash by themselves. */
  readonly hash: string | undefined;
  readonly keyType: string;
  readonly padding?: number;
  readonly saltLength?: number;
}

/** Signature algorithms by their dotted identifiers (RFC 4055, RFC 5758, RFC 8410). */
const schemes: ReadonlyMap<string, Scheme> = new Map<string, Scheme>([
  ["1.2.840.113549.1.1.5", { hash: "sha1", keyType: "rsa" }],
  ["1.2.840.113549.1.1.14", { hash: "sha224", keyType: "rsa" }],
  ["1.2.840.113549.1.1.11", { hash: "sha256", keyType: "rsa" }],
  ["1.2.840.113549.1.1.12", { hash: "sha384", keyType: "rsa" }],
  ["1.2.840.113549.1.1.13", { hash: "sha512", keyType: "rsa" }],
  ["1.2.840.10045.4.1", { hash: "sha1", keyType: "ec" }],
  ["1.2.840.10045.4.3.1", { hash: "sha224", keyType: "ec" }],
  ["1.2.840.10045.4.3.2", { hash: "sha256", keyType: "ec" }],
  ["1.2.840.10045.4.3.3", { hash: "sha384", keyType: "ec" }],
  ["1.2.840.10045.4.3.4", { hash: "sha512", keyType: "ec" }],
  ["1.3.101.112", { hash: undefined, keyType: "ed25519" }],
  ["1.3.101.113", { hash: undefined, keyType: "ed448" }],
]);

const rsaPss = "1.2.840.113549.1.1.10";

/** Hash functions of RSASSA-PSS parameters (RFC 4055 §2.1). */
const pssHashes: ReadonlyMap<string, string> = new Map([
  ["1.3.14.3.2.26", "sha1"],
  ["2.16.840.1.101.3.4.2.4", "sha224"],
  ["2.16.840.1.101.3.4.2.1", "sha256"],
  ["2.16.840.1.101.3.4.2.2", "sha384"],
  ["2.16.840.1.101.3.4.2.3", "sha512"],
]);

/**
 * Whether a signature over `data` was made with the private half of the key.
 *
 * @param algorithm the AlgorithmIdentifier.
 * @throws CertificateError where the algorithm is none that is verified here.
 */
export function isSignedBy(publicKey: KeyObject, algorithm: DerElement, data: Buffer, signature: Buffer): boolean {
  const [identifier, parameters] = derElements(expected(algorithm, derTags.sequence).content);
  const type = dotted(expected(identifier, derTags.objectIdentifier).content);
  const scheme = type === rsaPss ? pssScheme(parameters) : schemes.get(type);
  if (scheme === undefined) throw new CertificateError("The signature algorithm is not supported");
  if (scheme.keyType !== publicKey.asymmetricKeyType) return false;
  const { hash, padding, saltLength } = scheme;
  const key = {
    key: publicKey,
    ...(padding !== undefined && { padding }),
    ...(saltLength !== undefined && { saltLength }),
  };
  return verify(hash, data, key, signature);
}

const hashField = 0xa0;
const maskField = 0xa1;
const saltField = 0xa2;

/** RSASSA-PSS with one hash for data and mask, which is all that node:crypto verifies. */
function pssScheme(parameters: DerElement | undefined): Scheme | undefined {
  const fields = derElements(parameters?.content ?? Buffer.alloc(0));
  const inner = (tag: number): readonly DerElement[] | undefined => {
    const content = fields.find((field) => field.tag === tag)?.content;
    return content === undefined ? undefined : derElements(derElements(content)[0]?.content ?? Buffer.alloc(0));
  };
  const named = (element: DerElement | undefined): string | undefined =>
    element === undefined ? undefined : pssHashes.get(dotted(element.content));
  const hashParts = inner(hashField);
  const maskParts = inner(maskField);
  const hash = hashParts === undefined ? "sha1" : named(hashParts[0]);
  const maskHash = maskParts === undefined ? "sha1" : named(derElements(maskParts[1]?.content ?? Buffer.alloc(0))[0]);
  if (hash === undefined || hash !== maskHash) return undefined;
  const salt = fields.find((field) => field.tag === saltField)?.content;
  const saltLength = salt === undefined ? 20 : (derElements(salt)[0]?.content.at(-1) ?? 0);
  return { hash, keyType: "rsa", padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
}
