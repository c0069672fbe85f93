import forge from "node-forge";
import { type DerNode, encodeDer } from "./der.js";
import { type DerElement, derElements } from "./der-elements.js";
import { CertificateError } from "./errors.js";

const { asn1 } = forge;

/** How deep DER from a client may nest: names and alternative names need seven levels. */
const deepest = 16;

/**
 * A node holding one DER element that a client sent, read by this folder's own reader: node-forge's is not made for
 * hostile input.
 *
 * @throws CertificateError when the bytes are not one element in DER, or nest too deeply.
 */
export function adoptedDer(der: Buffer): DerNode {
  const [element, more] = derElements(der);
  if (element === undefined || more !== undefined) throw new CertificateError("The bytes are not one DER element");
  const node = nodeOf(element, 0);
  if (!encodeDer(node).equals(der)) throw new CertificateError("The bytes are BER, but not DER");
  return node;
}

function nodeOf({ tag, content }: DerElement, depth: number): DerNode {
  if (depth > deepest) throw new CertificateError("The DER nests too deeply");
  const constructed = (tag & 0x20) !== 0;
  const value = constructed
    ? derElements(content).map((element) => nodeOf(element, depth + 1))
    : content.toString("binary");
  return asn1.create((tag & 0xc0) as forge.asn1.Class, (tag & 0x1f) as forge.asn1.Type, constructed, value);
}
