import { CryptographicAlgorithm } from "#protocol/enums/index.js";
import { malformed } from "./der.js";
import type { Understood } from "./key.js";

interface EdwardsCurve {
  readonly algorithm: number;
  /** Cryptographic Length in bits: of the field. */
  readonly bits: number;
  /** Length of both halves in bytes (RFC 8032 §5.1.5, §5.2.5). */
  readonly keyLength: number;
}

const curves: Readonly<Record<"Ed25519" | "Ed448", EdwardsCurve>> = {
  Ed25519: { algorithm: CryptographicAlgorithm.Ed25519, bits: 256, keyLength: 32 },
  Ed448: { algorithm: CryptographicAlgorithm.Ed448, bits: 448, keyLength: 57 },
};

/**
 * An Edwards curve key in its envelope (RFC 8410): `key` is what the envelope holds, for a private key the OCTET STRING
 * of it. The envelope is copied. Throws KmipError `InvalidField`.
 */
export function edwardsKey(
  form: "private" | "public",
  curve: "Ed25519" | "Ed448",
  envelope: { readonly der: Buffer; readonly key: Buffer },
): Understood {
  const { algorithm, bits, keyLength } = curves[curve];
  const header = form === "private" ? 2 : 0;
  if (envelope.key.length !== keyLength + header) throw malformed(`${curve} key`);
  return { form, keyType: "edwards", softwareOnly: true, algorithm, bits, value: Buffer.from(envelope.der) };
}
