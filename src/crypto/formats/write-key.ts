import { KeyFormatType } from "#protocol/enums/index.js";
import { type KeyBlock, transparentKeyMaterial } from "#protocol/structures/key-block.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { type ProtocolVersion, V2_0, V2_1 } from "#protocol/versions.js";
import type { MaterialKeyType } from "#src/objects/custody.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { pointForm } from "./compression.js";
import type { Curve } from "./curves.js";
import { fromUnsigned, malformed } from "./der.js";
import { dhPrivateNumbers, dhPublicNumbers } from "./dh.js";
import { dsaPrivateNumbers, dsaPublicNumbers } from "./dsa.js";
import { convertPoint, ecPrivateKey, readEcPrivateKey, writeEcPrivateKey } from "./ec.js";
import {
  type Enveloped,
  readPkcs8,
  readSubjectPublicKeyInfo,
  writePkcs8,
  writeSubjectPublicKeyInfo,
} from "./envelopes.js";
import type { KeyForm, PairKeyType } from "./key.js";
import type { Material } from "./material.js";
import { readRsaPrivateKey, readRsaPublicKey } from "./rsa.js";
import { spelledFor, transparentEcFormats } from "./transparent-ec.js";

/** A key to be written into a Key Block. */
export interface WriteKey {
  readonly form: KeyForm;
  readonly keyType: MaterialKeyType;
  /** As in ReadKey.value. It is copied and not changed: the caller zeroes it. */
  readonly value: Buffer;
  readonly structured?: boolean | undefined;
  /** The version the answer is written in. */
  readonly version: ProtocolVersion;
  /** The format the key was registered in; undefined for keys the server made. */
  readonly registeredFormat: number | undefined;
  readonly requestedFormat?: number | undefined;
  readonly registeredCompression?: number | undefined;
  readonly requestedCompression?: number | undefined;
  /** Cryptographic Algorithm and Length, which stand in the Key Block only both together (KMIP 2.1 §3.1). */
  readonly algorithm?: number | undefined;
  readonly bits?: number | undefined;
}

type Writer = (value: Buffer, compression: number | undefined) => Material;

type Understood = Exclude<KeyForm, "bytes">;

const symmetricWriters: ReadonlyMap<number, Writer> = new Map<number, Writer>([
  [KeyFormatType.Raw, (value) => Buffer.from(value)],
  [KeyFormatType.TransparentSymmetricKey, (value) => ({ key: Buffer.from(value) })],
]);

const rsaPrivateWriters: ReadonlyMap<number, Writer> = new Map<number, Writer>([
  [KeyFormatType.PKCS_1, (value) => Buffer.from(readPkcs8(value).key)],
  [KeyFormatType.PKCS_8, (value) => Buffer.from(value)],
  [KeyFormatType.TransparentRSAPrivateKey, (value) => readRsaPrivateKey(readPkcs8(value).key)],
]);

const rsaPublicWriters: ReadonlyMap<number, Writer> = new Map<number, Writer>([
  [KeyFormatType.PKCS_1, (value) => Buffer.from(readSubjectPublicKeyInfo(value).key)],
  [KeyFormatType.X_509, (value) => Buffer.from(value)],
  [KeyFormatType.Raw, (value) => Buffer.from(value)],
  [KeyFormatType.TransparentRSAPublicKey, (value) => readRsaPublicKey(readSubjectPublicKeyInfo(value).key)],
]);

const ecPrivateWriters: ReadonlyMap<number, Writer> = new Map<number, Writer>([
  [KeyFormatType.ECPrivateKey, (value) => ecPrivate(value, (key) => writeEcPrivateKey(key, { withCurve: true }))],
  [
    KeyFormatType.PKCS_8,
    (value) =>
      ecPrivate(value, (key) =>
        writePkcs8({ name: "ec", curve: key.curve }, writeEcPrivateKey(key, { withCurve: false })),
      ),
  ],
  ...transparentEcFormats("private").map((format): [number, Writer] => [
    format,
    (value) => ecPrivate(value, ({ curve, d }) => ({ recommendedCurve: curve.recommendedCurve, d: fromUnsigned(d) })),
  ]),
]);

const ecPublicWriters: ReadonlyMap<number, Writer> = new Map<number, Writer>([
  [KeyFormatType.X_509, compressedInfo],
  [KeyFormatType.Raw, compressedInfo],
  ...transparentEcFormats("public").map((format): [number, Writer] => [
    format,
    (value, compression) => {
      const { curve, point } = ecPublic(value);
      return { recommendedCurve: curve.recommendedCurve, qString: convertPoint(curve, point, pointForm(compression)) };
    },
  ]),
]);

const dsaPrivateWriters: ReadonlyMap<number, Writer> = new Map<number, Writer>([
  [KeyFormatType.PKCS_8, (value) => Buffer.from(value)],
  [KeyFormatType.TransparentDSAPrivateKey, (value) => dsaPrivateNumbers(value)],
]);

const dsaPublicWriters: ReadonlyMap<number, Writer> = new Map<number, Writer>([
  [KeyFormatType.X_509, (value) => Buffer.from(value)],
  [KeyFormatType.Raw, (value) => Buffer.from(value)],
  [KeyFormatType.TransparentDSAPublicKey, (value) => dsaPublicNumbers(value)],
]);

const dhPrivateWriters: ReadonlyMap<number, Writer> = new Map<number, Writer>([
  [KeyFormatType.PKCS_8, (value) => Buffer.from(value)],
  [KeyFormatType.TransparentDHPrivateKey, (value) => dhPrivateNumbers(value)],
]);

const dhPublicWriters: ReadonlyMap<number, Writer> = new Map<number, Writer>([
  [KeyFormatType.X_509, (value) => Buffer.from(value)],
  [KeyFormatType.Raw, (value) => Buffer.from(value)],
  [KeyFormatType.TransparentDHPublicKey, (value) => dhPublicNumbers(value)],
]);

/** Keys that have no form but their envelopes (RFC 8410). */
const envelopePrivateWriters: ReadonlyMap<number, Writer> = new Map<number, Writer>([
  [KeyFormatType.PKCS_8, (value) => Buffer.from(value)],
]);

const envelopePublicWriters: ReadonlyMap<number, Writer> = new Map<number, Writer>([
  [KeyFormatType.X_509, (value) => Buffer.from(value)],
  [KeyFormatType.Raw, (value) => Buffer.from(value)],
]);

const pairWriters: Readonly<Record<PairKeyType, Readonly<Record<"private" | "public", ReadonlyMap<number, Writer>>>>> =
  {
    rsa: { private: rsaPrivateWriters, public: rsaPublicWriters },
    ec: { private: ecPrivateWriters, public: ecPublicWriters },
    dsa: { private: dsaPrivateWriters, public: dsaPublicWriters },
    edwards: { private: envelopePrivateWriters, public: envelopePublicWriters },
    dh: { private: dhPrivateWriters, public: dhPublicWriters },
    montgomery: { private: envelopePrivateWriters, public: envelopePublicWriters },
  };

function writersOf(form: Understood, keyType: MaterialKeyType): ReadonlyMap<number, Writer> {
  return form === "secret" || !isPairType(keyType) ? symmetricWriters : pairWriters[keyType][form];
}

function isPairType(keyType: MaterialKeyType): keyType is PairKeyType {
  return keyType in pairWriters;
}

type SoftwareKeyType = Exclude<PairKeyType, "rsa" | "ec">;

/** The default formats of keys that only software uses. */
const softwareFormats: Readonly<Record<SoftwareKeyType, Readonly<Record<"private" | "public", number>>>> = {
  dsa: { private: KeyFormatType.TransparentDSAPrivateKey, public: KeyFormatType.TransparentDSAPublicKey },
  edwards: { private: KeyFormatType.PKCS_8, public: KeyFormatType.X_509 },
  dh: { private: KeyFormatType.TransparentDHPrivateKey, public: KeyFormatType.TransparentDHPublicKey },
  montgomery: { private: KeyFormatType.PKCS_8, public: KeyFormatType.X_509 },
};

function isSoftwareType(keyType: MaterialKeyType): keyType is SoftwareKeyType {
  return keyType in softwareFormats;
}

/**
 * The Key Format Type of keys that the server made (KMIP 2.1 §4.26). Versions before 2.0 have no such table; there EC
 * keys go out in the encodings that everybody reads.
 */
export function defaultKeyFormat(form: KeyForm, keyType: MaterialKeyType, version: ProtocolVersion): number {
  if (form === "secret" || form === "bytes") return KeyFormatType.Raw;
  if (keyType === "rsa") return KeyFormatType.PKCS_1;
  if (isSoftwareType(keyType)) return softwareFormats[keyType][form];
  if (version < V2_0) return form === "private" ? KeyFormatType.ECPrivateKey : KeyFormatType.X_509;
  return form === "private" ? KeyFormatType.TransparentECPrivateKey : KeyFormatType.TransparentECPublicKey;
}

/**
 * The Key Block of a key, in the format and compression asked for, else as it was registered, else the default.
 * Throws KmipError `KeyFormatTypeNotSupported` and `KeyCompressionTypeNotSupported`.
 */
export function writeKeyBlock(key: WriteKey): KeyBlock {
  const { form, keyType, requestedFormat, requestedCompression, algorithm, bits } = key;
  const keyCompressionType = requestedCompression ?? key.registeredCompression;
  if (requestedCompression !== undefined && !(form === "public" && keyType === "ec")) {
    throw new KmipError("KeyCompressionTypeNotSupported", "only EC public keys are compressed");
  }
  const keyFormatType = requestedFormat ?? ownFormat(key);
  const keyMaterial =
    form === "bytes"
      ? keptMaterial(key, keyFormatType)
      : writerOf(form, keyType, keyFormatType)(key.value, keyCompressionType);
  return {
    keyFormatType,
    ...(keyCompressionType === undefined ? {} : { keyCompressionType }),
    keyValue: { keyMaterial },
    ...(algorithm === undefined || bits === undefined
      ? {}
      : { cryptographicAlgorithm: algorithm, cryptographicLength: bits }),
  };
}

function ownFormat({ form, keyType, version, registeredFormat, algorithm }: WriteKey): number {
  const format = registeredFormat ?? defaultKeyFormat(form, keyType, version);
  return form === "private" || form === "public" ? spelledFor(version, format, form, algorithm) : format;
}

function writerOf(form: Understood, keyType: MaterialKeyType, keyFormatType: number): Writer {
  const writer = writersOf(form, keyType).get(keyFormatType);
  if (writer !== undefined) return writer;
  throw new KmipError("KeyFormatTypeNotSupported", "the key cannot be given in this Key Format Type");
}

/** Formats that carry the same plain bytes. */
const plainFormats: ReadonlySet<number> = new Set([
  KeyFormatType.Raw,
  KeyFormatType.Opaque,
  KeyFormatType.TransparentSymmetricKey,
]);

/** Material kept as it came goes out as it came; where it is plain bytes, in any format of plain bytes. */
function keptMaterial({ value, structured, registeredFormat }: WriteKey, keyFormatType: number): Material {
  const registered = registeredFormat ?? KeyFormatType.Raw;
  if (structured === true && keyFormatType === registered) {
    return transparentKeyMaterial.decode(decodeItem(value), { version: V2_1 });
  }
  const interchangeable = plainFormats.has(keyFormatType) && plainFormats.has(registered);
  if (structured === true || (keyFormatType !== registered && !interchangeable)) {
    throw new KmipError("KeyFormatTypeNotSupported", "the object is given only in the format it was registered in");
  }
  return symmetricWriters.get(keyFormatType)?.(value, undefined) ?? Buffer.from(value);
}

function ecCurve({ algorithm }: Enveloped): Curve {
  if (algorithm.name !== "ec") throw malformed("EC key");
  return algorithm.curve;
}

function ecPrivate<Result>(pkcs8: Buffer, write: (key: ReturnType<typeof ecPrivateKey>) => Result): Result {
  const enveloped = readPkcs8(pkcs8);
  const curve = ecCurve(enveloped);
  const key = ecPrivateKey(curve, readEcPrivateKey(enveloped.key, curve).d);
  try {
    return write(key);
  } finally {
    key.d.fill(0);
  }
}

function ecPublic(subjectPublicKeyInfo: Buffer): { curve: Curve; point: Buffer } {
  const enveloped = readSubjectPublicKeyInfo(subjectPublicKeyInfo);
  return { curve: ecCurve(enveloped), point: enveloped.key };
}

function compressedInfo(value: Buffer, compression: number | undefined): Buffer {
  const { curve, point } = ecPublic(value);
  return writeSubjectPublicKeyInfo({ name: "ec", curve }, convertPoint(curve, point, pointForm(compression)));
}
