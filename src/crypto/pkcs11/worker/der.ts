const LONG_FORM = 0x80;
const LONGEST_LENGTH = 4;

/** Length in bytes of the DER element at the start of `bytes`, with its header; null where its header is malformed. */
export function derLength(bytes: Buffer): number | null {
  const first = bytes[1];
  if (first === undefined || first === LONG_FORM) {
    return null;
  }
  if (first < LONG_FORM) {
    return 2 + first;
  }
  const count = first - LONG_FORM;
  return count > LONGEST_LENGTH || bytes.length < 2 + count ? null : 2 + count + bytes.readUIntBE(2, count);
}
