import { createECDH, ECDH } from "node:crypto";
import { type Curve, curveByIdentifier } from "./curves.js";
import { DerReader, DerTag, element, identifierElement, integerElement, malformed } from "./der.js";

/** How a point is written (X9.62 §4.3.6). */
export type PointForm = "uncompressed" | "compressed" | "hybrid";

/** An EC private key: the secret number in as many bytes as the field has, and its point, uncompressed. */
export interface EcPrivateKey {
  readonly curve: Curve;
  readonly d: Buffer;
  readonly point: Buffer;
}

/** A private key made whole. The caller zeroes `d`. Throws KmipError `InvalidField` where d is out of range. */
export function ecPrivateKey(curve: Curve, d: Buffer): EcPrivateKey {
  const length = Math.ceil(curve.bits / 8);
  const firstDigit = d.findIndex((byte) => byte !== 0);
  const digits = firstDigit < 0 ? Buffer.alloc(0) : d.subarray(firstDigit);
  if (digits.length > length) throw malformed("EC private key of its curve");
  // A small buffer would be in the heap of JavaScript, and a copy of it left there once it is given to the library.
  const padded = Buffer.from(new ArrayBuffer(length));
  digits.copy(padded, length - digits.length);
  const agreement = createECDH(curve.ecdhName);
  try {
    agreement.setPrivateKey(padded);
    return { curve, d: padded, point: agreement.getPublicKey() };
  } catch {
    padded.fill(0);
    throw malformed("EC private key of its curve");
  }
}

/** A point of a curve in another form. Throws KmipError `InvalidField` where it is not on the curve. */
export function convertPoint(curve: Curve, point: Buffer, form: PointForm): Buffer {
  try {
    return Buffer.from(ECDH.convertKey(point, curve.ecdhName, undefined, undefined, form) as Buffer);
  } catch {
    throw malformed("point of its curve");
  }
}

/** What an ECPrivateKey says before it is known whether its curve is. */
export interface RawEcPrivateKey {
  /** Undefined where the curve is unknown, or explicit. */
  readonly curve: Curve | undefined;
  readonly d: Buffer;
  readonly point: Buffer | undefined;
}

/**
 * The parts of an ECPrivateKey (RFC 5915 §3), sharing memory. `outer` is the curve that an envelope around it names.
 * Throws KmipError `InvalidField`.
 */
export function readEcPrivateKey(der: Buffer, outer?: Curve): RawEcPrivateKey {
  const whole = new DerReader(der, "ECPrivateKey");
  const reader = whole.enter(DerTag.Sequence);
  whole.end();
  if (reader.integer() !== 1n) throw malformed("ECPrivateKey of version 1");
  const d = reader.take(DerTag.OctetString);
  const inner = reader.isNext(DerTag.Context0) ? namedCurve(reader.enter(DerTag.Context0)) : outer;
  const point = reader.isNext(DerTag.Context1) ? onlyBits(reader.enter(DerTag.Context1)) : undefined;
  reader.end();
  if (outer !== undefined && inner !== outer) throw malformed("ECPrivateKey: it names two curves");
  return { curve: inner, d, point };
}

function namedCurve(reader: DerReader): Curve | undefined {
  if (!reader.isNext(DerTag.ObjectIdentifier)) return undefined;
  const curve = curveByIdentifier(reader.take(DerTag.ObjectIdentifier));
  reader.end();
  return curve;
}

function onlyBits(reader: DerReader): Buffer {
  const bits = reader.bits();
  reader.end();
  return bits;
}

/** ECPrivateKey DER with the public key in it; with the curve too, unless an envelope around it names the curve. */
export function writeEcPrivateKey({ curve, d, point }: EcPrivateKey, options: { readonly withCurve: boolean }): Buffer {
  return element(
    DerTag.Sequence,
    integerElement(1n),
    element(DerTag.OctetString, Buffer.from(d)),
    options.withCurve ? element(DerTag.Context0, identifierElement(curve.identifier)) : Buffer.alloc(0),
    element(DerTag.Context1, element(DerTag.BitString, Buffer.alloc(1), Buffer.from(point))),
  );
}
