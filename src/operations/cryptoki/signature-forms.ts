import { HashingAlgorithm } from "#protocol/enums/index.js";
import { DerReader, DerTag, element, fromUnsigned, integerElement, toUnsigned } from "#src/crypto/formats/der.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { Refusal } from "./outcome.js";

/** An ECDSA signature as PKCS#11 has it: r and s side by side, each as long as the order of the curve, in bytes. */
export function rawSignature(der: Buffer, length: number): Buffer {
  const reader = new DerReader(der, "ECDSA signature").enter(DerTag.Sequence);
  return Buffer.concat([toUnsigned(reader.integer(), length), toUnsigned(reader.integer(), length)]);
}

/** The same as DER (RFC 3279 §2.2.3), as KMIP has it. Throws Refusal where it has not the length of the curve. */
export function derSignature(raw: Buffer, length: number): Buffer {
  if (raw.length !== 2 * length) throw new Refusal("SIGNATURE_LEN_RANGE");
  const [r, s] = [raw.subarray(0, length), raw.subarray(length)].map(fromUnsigned);
  return element(DerTag.Sequence, integerElement(r ?? 0n), integerElement(s ?? 0n));
}

/** Object identifiers of hash functions (content octets in hexadecimal, RFC 8017 appendix B.1). */
const hashIdentifiers: ReadonlyMap<string, number> = new Map([
  ["2b0e03021a", HashingAlgorithm.SHA_1],
  ["608648016503040204", HashingAlgorithm.SHA_224],
  ["608648016503040201", HashingAlgorithm.SHA_256],
  ["608648016503040202", HashingAlgorithm.SHA_384],
  ["608648016503040203", HashingAlgorithm.SHA_512],
]);

/** What a client signs by CKM_RSA_PKCS: a DigestInfo (RFC 8017 §9.2). Throws Refusal for any other bytes. */
export function readDigestInfo(bytes: Buffer): { readonly hashingAlgorithm: number; readonly digest: Buffer } {
  try {
    const reader = new DerReader(bytes, "DigestInfo").enter(DerTag.Sequence);
    const identifier = reader.enter(DerTag.Sequence).take(DerTag.ObjectIdentifier).toString("hex");
    const hashingAlgorithm = hashIdentifiers.get(identifier);
    const digest = reader.take(DerTag.OctetString);
    reader.end();
    if (hashingAlgorithm !== undefined) return { hashingAlgorithm, digest };
  } catch (error) {
    if (!(error instanceof KmipError)) throw error;
  }
  throw new Refusal("DATA_INVALID");
}
