import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeSet } from "./attribute-set.js";
import type { Custody, MaterialKeyType } from "./custody.js";

/** What the bytes of an object's material are. */
export type MaterialForm =
  /** A symmetric key: the raw key, wrapped or in the token. */
  | "secret"
  /** A private key: PKCS#8 DER, wrapped or in the token. */
  | "private"
  /** A public key: SubjectPublicKeyInfo DER, not secret and not wrapped. */
  | "public"
  /** Bytes the server keeps and does not use as a key: secret data, opaque objects, keys of other algorithms. Wrapped. */
  | "bytes"
  /** A certificate or a certificate request: its value, not secret and not wrapped. */
  | "certificate"
  /** Nothing: the object was registered without its Key Value, which is kept elsewhere (KMIP 2.1 §4.28). */
  | "absent"
  /** A template: what is its own among its attributes (see template.ts). Not secret and not wrapped. */
  | "template";

/** The material of an object and how it is kept. */
export interface Material {
  readonly form: MaterialForm;
  readonly custody: Custody;
  readonly keyType: MaterialKeyType;
  /** As in KeyReference.material: the wrapped blob, the CKA_ID, or plain bytes for `public` and `certificate`. */
  readonly blob: Buffer;
  readonly keyEncryptionKeyVersion: number;
  /** The Key Format Type the object was made or registered in, which Get answers in unless asked otherwise. */
  readonly keyFormatType: number | undefined;
  /** Key Compression Type of an EC public key as registered. */
  readonly keyCompressionType?: number | undefined;
  /** `bytes` registered in a transparent format: the bytes are the TTLV of the Key Material structure. */
  readonly structured?: boolean | undefined;
  /** Secret Data, Opaque Data, Certificate or Certificate Request Type, or PGP Key Version, of objects that have one. */
  readonly subtype?: number | undefined;
  /** TTLV of the Key Wrapping Data of an object that was registered wrapped and is kept so. */
  readonly keyWrappingData?: Buffer | undefined;
  /** What a Split Key says of itself beside its Key Block: `writeSplitKeyFacts`. */
  readonly splitKey?: Buffer | undefined;
  /** Of parts over GF(2^16): the polynomial modulo which GF(2^8) is taken, in which versions differ. */
  readonly splitKeyReduction?: 283 | 285 | undefined;
}

/** A managed object as the server knows it: a value, never changed in place. */
export interface ManagedObject {
  readonly tenantId: string;
  /** The KMIP Unique Identifier: a lower-case UUID. */
  readonly id: string;
  readonly objectType: number;
  /** Counts the stored changes; 0 before it was ever stored. */
  readonly version: number;
  readonly attributes: AttributeSet;
  /** Null once destroyed. */
  readonly material: Material | null;
}

/** The object with other attributes. */
export function withAttributes(object: ManagedObject, set: AttributeSet): ManagedObject {
  return { ...object, attributes: set };
}

/**
 * The object with its Last Change Date set (KMIP 2.1 §4.29). It is never set back: where the clock was, the row must not
 * look older than the changes that the audit trail has of it.
 */
export function changedAt(object: ManagedObject, seconds: number): ManagedObject {
  const latest = Math.max(seconds, object.attributes.get(attributes.lastChangeDate) ?? seconds);
  return withAttributes(object, object.attributes.with(attributes.lastChangeDate, latest));
}
