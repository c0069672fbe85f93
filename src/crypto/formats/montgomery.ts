import { malformed } from "./der.js";
import type { MontgomeryCurve } from "./envelopes.js";
import type { Understood } from "./key.js";

/** Cryptographic Length in bits, and length of both halves in bytes (RFC 7748 §5). */
const curves: Readonly<Record<MontgomeryCurve, { readonly bits: number; readonly keyLength: number }>> = {
  X25519: { bits: 256, keyLength: 32 },
  X448: { bits: 448, keyLength: 56 },
};

/**
 * A Montgomery curve key in its envelope (RFC 8410): `key` is what the envelope holds, for a private key the OCTET
 * STRING of it. The envelope is copied. Throws KmipError `InvalidField`.
 */
export function montgomeryKey(
  form: "private" | "public",
  curve: MontgomeryCurve,
  envelope: { readonly der: Buffer; readonly key: Buffer },
): Understood {
  const { bits, keyLength } = curves[curve];
  const header = form === "private" ? 2 : 0;
  if (envelope.key.length !== keyLength + header) throw malformed(`${curve} key`);
  return { form, keyType: "montgomery", softwareOnly: true, bits, value: Buffer.from(envelope.der) };
}
