import { X509Certificate } from "node:crypto";
import { type DerElement, derElements } from "./der-elements.js";
import { CertificateError } from "./errors.js";

/** One attribute of a distinguished name. */
export interface NamePart {
  /** Dotted identifier, such as 2.5.4.3 for the common name. */
  readonly type: string;
  readonly value: string;
}

/** What KMIP tells of an X.509 certificate (KMIP 2.1 §4.6, §4.61 to §4.63). All names and numbers as DER. */
export interface CertificateFacts {
  readonly issuer: Buffer;
  readonly subject: Buffer;
  /** The parts of each name in their order. */
  readonly issuerParts: readonly NamePart[];
  readonly subjectParts: readonly NamePart[];
  /** The INTEGER, tag and length included. */
  readonly serialNumber: Buffer;
  /** Each GeneralName of the Subject and Issuer Alternative Name extensions. */
  readonly subjectAlternativeNames: readonly Buffer[];
  readonly issuerAlternativeNames: readonly Buffer[];
  /** Dotted identifier of the signature algorithm. */
  readonly signatureAlgorithm: string;
  /** SubjectPublicKeyInfo DER. */
  readonly publicKey: Buffer;
  readonly publicKeyType: "rsa" | "ec" | "other";
  /** Modulus or field size in bits; undefined for other kinds of key. */
  readonly publicKeyBits: number | undefined;
}

const subjectAlternativeName = "2.5.29.17";
const issuerAlternativeName = "2.5.29.18";
const extensionsTag = 0xa3;
const integerTag = 0x02;
const explicitVersionTag = 0xa0;

/**
 * Reads the facts of a DER certificate, which OpenSSL must accept first.
 *
 * @throws CertificateError where it is no X.509 certificate.
 */
export function certificateFacts(der: Buffer): CertificateFacts {
  const certificate = parsed(der);
  const [toBeSigned] = derElements(only(derElements(certificate.raw)).content);
  const fields = derElements(required(toBeSigned).content);
  const named = fields[0]?.tag === explicitVersionTag ? fields.slice(1) : fields;
  const [serial, algorithm, issuer, , subject, publicKey] = named;
  if (required(serial).tag !== integerTag) throw new CertificateError("The certificate has no serial number");
  const extensions = extensionValues(named);
  return {
    issuer: required(issuer).whole,
    subject: required(subject).whole,
    issuerParts: nameParts(required(issuer).content),
    subjectParts: nameParts(required(subject).content),
    serialNumber: required(serial).whole,
    subjectAlternativeNames: namesIn(extensions.get(subjectAlternativeName)),
    issuerAlternativeNames: namesIn(extensions.get(issuerAlternativeName)),
    signatureAlgorithm: dotted(required(derElements(required(algorithm).content)[0]).content),
    publicKey: required(publicKey).whole,
    ...keyFacts(certificate),
  };
}

function parsed(der: Buffer): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch (error) {
    throw new CertificateError("The bytes are no X.509 certificate", { cause: error });
  }
}

function keyFacts(certificate: X509Certificate): Pick<CertificateFacts, "publicKeyType" | "publicKeyBits"> {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey;
    if (asymmetricKeyType === "rsa")
      return { publicKeyType: "rsa", publicKeyBits: asymmetricKeyDetails?.modulusLength };
    if (asymmetricKeyType !== "ec") return { publicKeyType: "other", publicKeyBits: undefined };
    const { x } = certificate.publicKey.export({ format: "jwk" });
    const bytes = x === undefined ? undefined : Buffer.from(x, "base64url").length;
    return { publicKeyType: "ec", publicKeyBits: bytes === 66 ? 521 : bytes === undefined ? undefined : bytes * 8 };
  } catch {
    // A key of a kind that OpenSSL does not know, or a curve that JWK has no name for.
    return { publicKeyType: "other", publicKeyBits: undefined };
  }
}

function extensionValues(fields: readonly DerElement[]): ReadonlyMap<string, Buffer> {
  const wrapper = fields.find(({ tag }) => tag === extensionsTag);
  if (wrapper === undefined) return new Map();
  const list = derElements(only(derElements(wrapper.content)).content);
  return new Map(
    list.map(({ content }) => {
      const parts = derElements(content);
      return [dotted(required(parts[0]).content), required(parts.at(-1)).content];
    }),
  );
}

function namesIn(value: Buffer | undefined): readonly Buffer[] {
  if (value === undefined) return [];
  return derElements(only(derElements(value)).content).map(({ whole }) => whole);
}

/** Text of a name is UTF-8 but for the old BMPString (tag 30, UTF-16) and Latin-1 types, which ASCII hides. */
const bmpStringTag = 0x1e;
const utf8StringTag = 0x0c;

function nameParts(name: Buffer): readonly NamePart[] {
  return derElements(name).flatMap(({ content: set }) =>
    derElements(set).map(({ content }) => {
      const [type, value] = derElements(content);
      return { type: dotted(required(type).content), value: textOf(required(value)) };
    }),
  );
}

function textOf({ tag, content }: DerElement): string {
  if (tag === bmpStringTag)
    return Buffer.from(content.subarray(0, content.length - (content.length % 2)))
      .swap16()
      .toString("utf16le");
  return content.toString(tag === utf8StringTag ? "utf8" : "latin1");
}

function dotted(content: Buffer): string {
  const parts: number[] = [];
  let part = 0;
  for (const byte of content) {
    part = part * 128 + (byte % 128);
    if (byte < 128) {
      parts.push(part);
      part = 0;
    }
  }
  const [first = 0, ...rest] = parts;
  const top = Math.min(Math.floor(first / 40), 2);
  return [top, first - top * 40, ...rest].join(".");
}

function only(elements: readonly DerElement[]): DerElement {
  return required(elements[0]);
}

function required(element: DerElement | undefined): DerElement {
  if (element === undefined) throw new CertificateError("The certificate is cut short");
  return element;
}
