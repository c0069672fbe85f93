import { CertificateError } from "./errors.js";

/** One DER element of a certificate or certificate request. */
export interface DerElement {
  readonly tag: number;
  /** The element with its tag and length. */
  readonly whole: Buffer;
  readonly content: Buffer;
}

/**
 * The elements of a DER content, in order.
 *
 * @throws CertificateError where a length goes beyond the bytes.
 */
export function derElements(content: Buffer): readonly DerElement[] {
  const elements: DerElement[] = [];
  let position = 0;
  while (position < content.length) {
    const element = elementAt(content, position);
    elements.push(element);
    position += element.whole.length;
  }
  return elements;
}

function elementAt(bytes: Buffer, start: number): DerElement {
  const tag = bytes[start];
  const first = bytes[start + 1];
  // Nothing in X.509 has a tag number of 31 and more, which would take further bytes.
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) throw cutShort();
  const lengthBytes = first < 0x80 ? 0 : first - 0x80;
  if (lengthBytes > 4 || (first >= 0x80 && lengthBytes === 0)) throw cutShort();
  const contentStart = start + 2 + lengthBytes;
  if (contentStart > bytes.length) throw cutShort();
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(start + 2, lengthBytes);
  const end = contentStart + length;
  if (end > bytes.length) throw cutShort();
  return { tag, whole: bytes.subarray(start, end), content: bytes.subarray(contentStart, end) };
}

function cutShort(): CertificateError {
  return new CertificateError("The bytes are not well-formed DER");
}

/**
 * The elements inside bytes that must be exactly one element with the tag.
 *
 * @throws CertificateError where they are not.
 */
export function elementsOf(der: Buffer, tag: number): readonly DerElement[] {
  const [element, more] = derElements(der);
  if (element?.tag !== tag || more !== undefined) throw new CertificateError("The DER is not what it should be");
  return derElements(element.content);
}

/**
 * The element itself, which must be there and have the tag.
 *
 * @throws CertificateError where it has not.
 */
export function expected(element: DerElement | undefined, tag: number): DerElement {
  if (element?.tag !== tag) throw new CertificateError("A part is missing or not of its type");
  return element;
}

/** Tags of DER (X.690), as certificates use them. */
export const derTags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The most bytes of one number of an OBJECT IDENTIFIER: a UUID (X.667) has nineteen. */
const longestArc = 20;

/** The most numbers of one OBJECT IDENTIFIER (RFC 2578 §3.5). */
const mostArcs = 128;

/**
 * The dotted text of the content of an OBJECT IDENTIFIER.
 *
 * @throws CertificateError where it is empty or cut short, has too many numbers, or a number is longer than it need be or
 * than any in use.
 */
export function dotted(content: Buffer): string {
  const arcs: bigint[] = [];
  for (let start = 0; start < content.length; ) {
    const last = content.subarray(start, start + longestArc).findIndex((byte) => byte < 0x80);
    if (last < 0 || content[start] === 0x80) throw new CertificateError("An object identifier is not well-formed");
    if (arcs.length === mostArcs) throw new CertificateError("An object identifier has too many numbers");
    arcs.push(content.subarray(start, start + last + 1).reduce((arc, byte) => arc * 128n + BigInt(byte % 128), 0n));
    start += last + 1;
  }
  const [first, ...rest] = arcs;
  if (first === undefined) throw new CertificateError("An object identifier is empty");
  const top = first < 80n ? first / 40n : 2n;
  return [top, first - top * 40n, ...rest].join(".");
}

/**
 * The content of a BIT STRING of whole bytes, as signatures and keys are.
 *
 * @throws CertificateError where its last byte is not whole.
 */
export function wholeBytes(bitString: DerElement): Buffer {
  if (bitString.content[0] !== 0) throw new CertificateError("A bit string does not end with a whole byte");
  return bitString.content.subarray(1);
}
