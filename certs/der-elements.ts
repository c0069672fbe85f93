import { CertificateError } from "./errors.js";

/** One DER element of a certificate that OpenSSL has already accepted. */
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
  if (tag === undefined || first === undefined) throw cutShort();
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
  return new CertificateError("The certificate is not well-formed DER");
}
