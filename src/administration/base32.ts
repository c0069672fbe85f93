const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Bytes in base 32, without padding (RFC 4648 §6). */
export function base32(bytes: Buffer): string {
  let bits = "";
  for (const byte of bytes) bits += byte.toString(2).padStart(8, "0");
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => digits[Number.parseInt(group.padEnd(5, "0"), 2)]).join("");
}
