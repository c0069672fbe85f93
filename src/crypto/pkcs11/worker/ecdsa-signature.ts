import { CURVES } from "./templates.js";

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const LONG_LENGTH = 0x81;

function element(tag: number, content: Buffer): Buffer {
  const length = content.length < 0x80 ? [content.length] : [LONG_LENGTH, content.length];
  return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

function integer(magnitude: Buffer): Buffer {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) {
    start += 1;
  }
  const digits = magnitude.subarray(start);
  const negativeLooking = (digits[0] ?? 0) >= 0x80;
  return element(INTEGER, negativeLooking ? Buffer.concat([Buffer.alloc(1), digits]) : digits);
}

/** A signature of the token (r and s side by side, PKCS#11 2.40 §2.3.1) as DER Ecdsa-Sig-Value (RFC 3279 §2.2.3). */
export function signatureToDer(raw: Buffer): Buffer {
  const half = raw.length / 2;
  return element(SEQUENCE, Buffer.concat([integer(raw.subarray(0, half)), integer(raw.subarray(half))]));
}

/** Reads one DER element; null where it is not that tag, not minimal or not whole. */
function readElement(bytes: Buffer, tag: number): { content: Buffer; rest: Buffer } | null {
  const long = bytes[1] === LONG_LENGTH;
  const length = long ? bytes[2] : bytes[1];
  const start = long ? 3 : 2;
  const minimal = length !== undefined && (long ? length >= 0x80 : length < 0x80);
  if (bytes[0] !== tag || !minimal || bytes.length < start + length) {
    return null;
  }
  return { content: bytes.subarray(start, start + length), rest: bytes.subarray(start + length) };
}

function fixedWidth(content: Buffer, width: number): Buffer | null {
  const positive = content.length > 0 && (content[0] ?? 0) < 0x80;
  const padded = content.length > 1 && content[0] === 0;
  const canonical = !padded || (content[1] ?? 0) >= 0x80;
  const magnitude = padded ? content.subarray(1) : content;
  if (!positive || !canonical || magnitude.length > width) {
    return null;
  }
  return Buffer.concat([Buffer.alloc(width - magnitude.length), magnitude]);
}

/** A DER signature as the token takes it, for the curve of those CKA_EC_PARAMS; null where it is not strict DER. */
export function signatureFromDer(signature: Buffer, parameters: Buffer): Buffer | null {
  const curve = Object.values(CURVES).find((row) => row.parameters === parameters.toString("hex"));
  const sequence = readElement(signature, SEQUENCE);
  if (curve === undefined || sequence === null || sequence.rest.length > 0) {
    return null;
  }
  const first = readElement(sequence.content, INTEGER);
  const second = first === null ? null : readElement(first.rest, INTEGER);
  if (first === null || second === null || second.rest.length > 0) {
    return null;
  }
  const r = fixedWidth(first.content, curve.coordinateLength);
  const s = fixedWidth(second.content, curve.coordinateLength);
  return r === null || s === null ? null : Buffer.concat([r, s]);
}
