import forge from "node-forge";
import { CertificateError } from "./errors.js";
import { type ObjectIdentifierName, objectIdentifiers } from "./object-identifiers.js";

const { asn1 } = forge;

/** One ASN.1 node, ready to be written as DER. */
export type DerNode = forge.asn1.Asn1;

function universal(type: forge.asn1.Type, constructed: boolean, value: string | DerNode[]): DerNode {
  return asn1.create(asn1.Class.UNIVERSAL, type, constructed, value);
}

/** SEQUENCE of the nodes, in the order given. */
export function sequence(...nodes: DerNode[]): DerNode {
  return universal(asn1.Type.SEQUENCE, true, nodes);
}

/** SET OF the nodes, sorted by their encodings (X.690 §11.6). */
export function setOf(...nodes: readonly DerNode[]): DerNode {
  const sorted = nodes
    .map((node) => ({ node, encoded: encodeDer(node) }))
    .sort((one, other) => Buffer.compare(one.encoded, other.encoded));
  return universal(
    asn1.Type.SET,
    true,
    sorted.map(({ node }) => node),
  );
}

/** OBJECT IDENTIFIER, by its name in the table. */
export function objectIdentifier(name: ObjectIdentifierName): DerNode {
  return universal(asn1.Type.OID, false, asn1.oidToDer(objectIdentifiers[name]).getBytes());
}

/** INTEGER from an unsigned number of big-endian bytes; a zero byte is put in front where the top bit is set. */
export function unsignedInteger(bytes: Uint8Array): DerNode {
  const firstSignificant = bytes.findIndex((byte) => byte !== 0);
  const digits = Buffer.from(firstSignificant < 0 ? [0] : bytes.subarray(firstSignificant));
  const positive = (digits[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.of(0), digits]) : digits;
  return universal(asn1.Type.INTEGER, false, positive.toString("binary"));
}

/** INTEGER from a small number, zero or above. */
export function smallInteger(value: number): DerNode {
  return universal(asn1.Type.INTEGER, false, asn1.integerToDer(value).getBytes());
}

/** ENUMERATED from a small number, zero or above. */
export function enumerated(value: number): DerNode {
  return universal(asn1.Type.ENUMERATED, false, asn1.integerToDer(value).getBytes());
}

/** BOOLEAN TRUE; DER leaves out a FALSE that is the default (X.690 §11.5). */
export function booleanTrue(): DerNode {
  return universal(asn1.Type.BOOLEAN, false, "\xff");
}

/** NULL. */
export function derNull(): DerNode {
  return universal(asn1.Type.NULL, false, "");
}

/** UTF8String. */
export function utf8String(text: string): DerNode {
  return universal(asn1.Type.UTF8, false, Buffer.from(text, "utf8").toString("binary"));
}

/**
 * PrintableString (X.680 §41.4).
 *
 * @throws CertificateError when the text has other characters.
 */
export function printableString(text: string): DerNode {
  if (!/^[A-Za-z0-9 '()+,./:=?-]*$/.test(text))
    throw new CertificateError("The text has characters that are not printable");
  return universal(asn1.Type.PRINTABLESTRING, false, text);
}

/**
 * IA5String.
 *
 * @throws CertificateError when the text is not ASCII.
 */
export function ia5String(text: string): DerNode {
  if (/[^\p{ASCII}]/u.test(text)) throw new CertificateError("The text is not ASCII");
  return universal(asn1.Type.IA5STRING as forge.asn1.Type, false, text);
}

/** BMPString; node-forge writes the two bytes of each character itself. */
export function bmpString(text: string): DerNode {
  return universal(asn1.Type.BMPSTRING, false, text);
}

/** OCTET STRING. */
export function octetString(bytes: Uint8Array): DerNode {
  return universal(asn1.Type.OCTETSTRING, false, Buffer.from(bytes).toString("binary"));
}

/** BIT STRING of whole bytes. */
export function bitString(bytes: Uint8Array): DerNode {
  return universal(asn1.Type.BITSTRING, false, `\0${Buffer.from(bytes).toString("binary")}`);
}

/** BIT STRING of named bits: trailing zero bits are left out (X.690 §11.2.2). Bit numbers are 0 to 15. */
export function namedBits(bits: readonly number[]): DerNode {
  const highest = Math.max(...bits);
  const bytes = Buffer.alloc(Math.floor(highest / 8) + 1);
  for (const bit of bits) {
    const index = Math.floor(bit / 8);
    bytes[index] = (bytes[index] ?? 0) | (0x80 >> (bit % 8));
  }
  const unused = bytes.length * 8 - highest - 1;
  return universal(asn1.Type.BITSTRING, false, String.fromCharCode(unused) + bytes.toString("binary"));
}

/** Time as RFC 5280 §4.1.2.5 wants it: UTCTime through 2049, GeneralizedTime from 2050; seconds, no fraction. */
export function time(date: Date): DerNode {
  return date.getUTCFullYear() < 2050
    ? universal(asn1.Type.UTCTIME, false, asn1.dateToUtcTime(date))
    : universal(asn1.Type.GENERALIZEDTIME, false, asn1.dateToGeneralizedTime(date));
}

/** A context-specific tag around other nodes (EXPLICIT, or IMPLICIT over a constructed type). */
export function contextConstructed(tag: number, ...nodes: DerNode[]): DerNode {
  return asn1.create(asn1.Class.CONTEXT_SPECIFIC, tag as forge.asn1.Type, true, nodes);
}

/** A context-specific tag that replaces the one of a primitive type (IMPLICIT). */
export function contextPrimitive(tag: number, bytes: Uint8Array): DerNode {
  return asn1.create(asn1.Class.CONTEXT_SPECIFIC, tag as forge.asn1.Type, false, Buffer.from(bytes).toString("binary"));
}

/** The DER encoding of a node. */
export function encodeDer(node: DerNode): Buffer {
  return Buffer.from(asn1.toDer(node).getBytes(), "binary");
}

/**
 * A node holding DER that node:crypto has written or has already accepted. Never for bytes from a peer: node-forge's
 * reader is not made for hostile input.
 *
 * @throws CertificateError when the bytes would not be written again as they were.
 */
export function splicedDer(trusted: Buffer): DerNode {
  const node = asn1.fromDer(trusted.toString("binary"));
  if (!encodeDer(node).equals(trusted)) throw new CertificateError("The DER to be spliced in is not canonical");
  return node;
}

/** The nodes inside a constructed node. @throws CertificateError when it is a primitive one. */
export function childrenOf(node: DerNode | undefined): readonly DerNode[] {
  if (node === undefined || typeof node.value === "string") throw new CertificateError("Expected a constructed node");
  return node.value;
}
