import type { MaterialKeyType } from "#src/objects/custody.js";

/** What the bytes of key material are (see MaterialForm). */
export type KeyForm = "secret" | "private" | "public" | "bytes";

/** A key as it was understood from a Key Block. */
export interface ReadKey {
  readonly form: KeyForm;
  readonly keyType: MaterialKeyType;
  /** Cryptographic Algorithm, declared or seen in the material. */
  readonly algorithm?: number | undefined;
  /** Cryptographic Length in bits, declared or seen in the material. */
  readonly bits?: number | undefined;
  /** Recommended Curve of EC keys. */
  readonly curve?: number | undefined;
  /**
   * secret: the raw key. private: PKCS#8 DER. public: SubjectPublicKeyInfo DER, points uncompressed. bytes: what was
   * registered, or the TTLV of the Key Material structure where `structured`. A copy of its own, for the caller to zero.
   */
  readonly value: Buffer;
  readonly structured?: boolean | undefined;
  readonly keyFormatType: number;
  /** Only software uses the key: the partition keeps it as bytes. */
  readonly softwareOnly?: boolean | undefined;
  readonly keyCompressionType?: number | undefined;
}

/** What a client says of a key beside its material: in the Key Block, or in the attributes of the request. */
export interface Declared {
  readonly algorithm?: number | undefined;
  /** Cryptographic Length in bits. */
  readonly length?: number | undefined;
}

/** The types of keys that come in pairs. */
export type PairKeyType = "rsa" | "ec" | "dsa" | "edwards" | "dh" | "montgomery";

/** What a reader made of the material of a key of a pair, before it is compared with what was declared. */
export type Understood = Omit<ReadKey, "form" | "keyType" | "keyFormatType"> & {
  readonly form: "private" | "public";
  readonly keyType: PairKeyType;
};
