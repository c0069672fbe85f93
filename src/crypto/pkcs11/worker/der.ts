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

/** Bytes of the header of the DER element at an offset; null where it is malformed. */
function headerLength(bytes: Buffer, offset: number): number | null {
  const first = bytes[offset + 1];
  if (first === undefined || first === LONG_FORM) {
    return null;
  }
  return first < LONG_FORM ? 2 : 2 + first - LONG_FORM;
}

/** The key inside a PKCS#8 PrivateKeyInfo (RFC 5208 §5), sharing its memory; null where it is malformed. */
export function innerPrivateKey(pkcs8: Buffer): Buffer | null {
  let offset = headerLength(pkcs8, 0);
  // Over the version and the algorithm to the OCTET STRING that holds the key.
  for (let skipped = 0; skipped < 2 && offset !== null; skipped += 1) {
    const length = derLength(pkcs8.subarray(offset));
    offset = length === null ? null : offset + length;
  }
  if (offset === null) {
    return null;
  }
  const header = headerLength(pkcs8, offset);
  const length = derLength(pkcs8.subarray(offset));
  return header === null || length === null ? null : pkcs8.subarray(offset + header, offset + length);
}
