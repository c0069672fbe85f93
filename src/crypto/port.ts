import type { Custody, KeyType } from "#src/objects/custody.js";
import type { Pkcs1Plaintext } from "./rsa/implicit-rejection.js";
import type {
  CipherSpecification,
  HashName,
  MacSpecification,
  SignatureSpecification,
  WrapSpecification,
} from "./specifications.js";

/**
 * The port for key material and cryptography. Everything above it names keys by reference and never sees a handle,
 * a session or a PKCS#11 constant; everything below it knows nothing of KMIP messages, tenants' rows or audit.
 */

export { CryptoError, type CryptoErrorCode } from "./crypto-error.js";
export type {
  CipherSpecification,
  Custody,
  HashName,
  KeyType,
  MacSpecification,
  SignatureSpecification,
  WrapSpecification,
};

/** The part of a key: a secret (symmetric) key, the private or the public half of a pair. */
export type KeyClass = "secret" | "private" | "public";

/** Elliptic curves by their SEC 2 / NIST names. */
export type CurveName = "P-256" | "P-384" | "P-521";

/** How a caller names a key to its partition. */
export interface KeyReference {
  /** The KMIP Unique Identifier of the object; with `keyEncryptionKeyVersion` and `material` the identity in the handle cache. */
  readonly objectId: string;
  readonly custody: Custody;
  readonly keyClass: KeyClass;
  readonly keyType: KeyType;
  /**
   * wrapped: the AES-KWP blob (RFC 5649) of the raw secret or of the PKCS#8 DER; opaque to the caller.
   * token: the 16 bytes the key carries as its identifier in the token.
   * public keys, in every custody: the SubjectPublicKeyInfo DER.
   */
  readonly material: Buffer;
  /** Version of the tenant's key-encryption key that wrapped `material`; 0 where nothing is wrapped. */
  readonly keyEncryptionKeyVersion: number;
  /** The plaintext may be nowhere but in the token: what would need it elsewhere is refused as `not-extractable`. */
  readonly confined?: boolean;
}

/** What making or importing a key gives. */
export interface StoredKey {
  /** As in KeyReference.material. */
  readonly material: Buffer;
  readonly keyEncryptionKeyVersion: number;
  /**
   * SHA-256 computed in the token: of the raw secret; of an RSA private key that was made, as RSAPrivateKey DER
   * (RFC 8017); of any other private key as PKCS#8 DER. Null where the token does not digest this key, as of the
   * private half of a pair that is confined.
   */
  readonly digest: Buffer | null;
}

/** What making a key pair gives. */
export interface StoredKeyPair {
  readonly privateKey: StoredKey;
  /** SubjectPublicKeyInfo DER. */
  readonly publicKey: Buffer;
}

/** What a key may be used for. */
export type KeyUsage = "encrypt" | "decrypt" | "sign" | "verify" | "wrap" | "unwrap" | "derive";

/** What is common to everything that takes a new key into custody. */
export interface CustodyRequest {
  readonly objectId: string;
  readonly custody: "wrapped" | "token";
  /** token custody: the identifier the key shall carry (16 random bytes, recorded in an intent row beforehand). */
  readonly tokenId?: Buffer;
  /** token custody: what the token will ever let the key do, fixed for life. Absent: all that its type can do. */
  readonly usages?: readonly KeyUsage[];
  /** As in KeyReference: nothing of what is made or taken in is to be outside the token, nor will be. */
  readonly confined?: boolean;
}

/** A secret that two keys agree on, to be taken into custody as a key. */
export interface AgreeRequest extends CustodyRequest {
  readonly keyType: "aes" | "des3" | "generic";
  /** Bytes, from the beginning of what is agreed on. */
  readonly length: number;
}

/** A key to be made. */
export interface GenerateSecretRequest extends CustodyRequest {
  readonly keyType: "aes" | "des3" | "generic";
  /** Length in bits: 128, 192 or 256 for AES; 112 or 168 (parity bits not counted) for 3DES; else a multiple of 8. */
  readonly bits: number;
}

/** A key pair to be made. */
export interface GeneratePairRequest extends CustodyRequest {
  readonly algorithm:
    | { readonly keyType: "rsa"; readonly bits: number; readonly publicExponent: bigint }
    | { readonly keyType: "ec"; readonly curve: CurveName };
}

/** Plaintext key material to be taken into custody. The engine zeroes `value` when done. */
export interface ImportRequest extends CustodyRequest {
  readonly keyClass: "secret" | "private";
  readonly keyType: KeyType;
  /** The raw secret, or PKCS#8 DER for a private key. */
  readonly value: Buffer;
}

/** How a `wrapped` key becomes one of the token; as in CustodyRequest. */
export type MoveRequest = Required<Pick<CustodyRequest, "tokenId">> & Pick<CustodyRequest, "usages">;

/** The outcome of an encryption. */
export interface Encrypted {
  readonly data: Buffer;
  /** GCM only. */
  readonly tag: Buffer | null;
}

/** What the token of a partition is and can do, read from the module. */
export interface PartitionInformation {
  readonly moduleDescription: string;
  readonly manufacturer: string;
  readonly libraryVersion: string;
  readonly cryptokiVersion: string;
  readonly tokenLabel: string;
  readonly tokenSerial: string;
  readonly tokenModel: string;
  /** The capability profile by which the engine uses the module: the name of one, or `standard` (docs/hsm.md). */
  readonly profile: string;
  readonly mechanisms: readonly {
    readonly code: number;
    readonly name: string;
    readonly minimumKeySize: number;
    readonly maximumKeySize: number;
    readonly flags: readonly string[];
  }[];
}

/** A cryptographic operation that takes its data in parts. Block ciphers take whole blocks and pad nothing. */
export type StreamRequest =
  | {
      readonly kind: "encrypt" | "decrypt";
      readonly key: KeyReference;
      /** Without a tag for `decrypt`: plaintext is not given before it is known to be genuine. */
      readonly specification: CipherSpecification;
    }
  | { readonly kind: "mac"; readonly key: KeyReference; readonly specification: MacSpecification }
  | { readonly kind: "digest"; readonly hash: HashName };

/** One tenant's partition of the HSM. All calls reject with CryptoError. */
export interface Partition {
  information(): Promise<PartitionInformation>;
  generateSecret(request: GenerateSecretRequest): Promise<StoredKey>;
  generatePair(request: GeneratePairRequest): Promise<StoredKeyPair>;
  importKey(request: ImportRequest): Promise<StoredKey>;
  /** The raw secret or PKCS#8 DER of a `wrapped` key; the caller zeroes it. `token` keys are refused: not-extractable. */
  exportKey(key: KeyReference): Promise<Buffer>;
  encrypt(key: KeyReference, specification: CipherSpecification, data: Buffer): Promise<Encrypted>;
  /** `unsupported` with PKCS#1 v1.5 padding, which `decryptPkcs1` takes off. */
  decrypt(key: KeyReference, specification: CipherSpecification, data: Buffer, tag: Buffer | null): Promise<Buffer>;
  /**
   * RSA decryption with PKCS#1 v1.5 padding by implicit rejection: every ciphertext as long as the modulus opens, one with
   * wrong padding, or to another length than `expected` bytes, to bytes that stand in for a plaintext. `unsupported` where
   * the token does no bare RSA operation.
   */
  decryptPkcs1(key: KeyReference, data: Buffer, expected: number | null): Promise<Pkcs1Plaintext>;
  /** ECDSA signatures are DER (r, s), here and in `verify`. */
  sign(key: KeyReference, specification: SignatureSpecification, data: Buffer): Promise<Buffer>;
  verify(key: KeyReference, specification: SignatureSpecification, data: Buffer, signature: Buffer): Promise<boolean>;
  mac(key: KeyReference, specification: MacSpecification, data: Buffer): Promise<Buffer>;
  macVerify(key: KeyReference, specification: MacSpecification, data: Buffer, mac: Buffer): Promise<boolean>;
  /** Wraps `target` with `wrappingKey`, both of this partition. `token` targets are refused: not-extractable. */
  wrapKey(target: KeyReference, wrappingKey: KeyReference, specification: WrapSpecification): Promise<Buffer>;
  /**
   * Unwraps a foreign blob with a key of this partition and takes it into custody in one step. `unsupported` with PKCS#1
   * v1.5 padding, as in `decrypt`.
   */
  unwrapKey(
    wrappedKey: Buffer,
    unwrappingKey: KeyReference,
    specification: WrapSpecification,
    request: Omit<ImportRequest, "value">,
  ): Promise<StoredKey>;
  /**
   * Makes a key in the token of what a private EC key of this partition and the public key of another (SubjectPublicKeyInfo
   * DER) agree on: the x-coordinate (SEC 1 §3.3.1), or as much of its beginning as is asked for. The secret is never
   * outside the token. Rejects with `unsupported` where the token does not agree, or does not cut so.
   */
  agreeKey(privateKey: KeyReference, publicKey: Buffer, request: AgreeRequest): Promise<StoredKey>;
  digest(hash: HashName, data: Buffer): Promise<Buffer>;
  /** Begins an operation in parts under a name of the caller's choice; it ends with `finishStream` or `closeStream`. */
  openStream(name: string, request: StreamRequest): Promise<void>;
  /** Takes the next part and gives what came out. Any failure ends the stream; `stream-lost` where it is not there. */
  updateStream(name: string, data: Buffer): Promise<Buffer>;
  /** Ends a stream with its last output: the rest of the data with the tag behind it, the code, or the digest. */
  finishStream(name: string): Promise<Buffer>;
  /** Drops a stream, if it is there. */
  closeStream(name: string): Promise<void>;
  random(length: number): Promise<Buffer>;
  /** Random bytes of the token for what need not be secret, such as initialization vectors: they may be fetched ahead. */
  nonce(length: number): Promise<Buffer>;
  /** Mixes a seed into the token's random number generator, beside its own; false where the token takes none. */
  seedRandom(seed: Buffer): Promise<boolean>;
  /** HMAC-SHA-256 (32 bytes) with the partition's metadata-authentication key: binds rows to their tenant and id. */
  authenticate(data: Buffer): Promise<Buffer>;
  /** Removes a `token` key, durably; forgets any other key's handle. Removing what is not there succeeds only while the canary is found. */
  destroyKey(key: KeyReference): Promise<void>;
  /** Drops the handles of an object's key in every worker of this process, as when its key was replaced or moved. */
  forget(objectId: string): Promise<void>;
  /** Identifiers of all `token` keys in the partition, for the sweep that settles what a crash left behind. */
  tokenKeys(): Promise<readonly TokenKey[]>;
  /** What a key's making that was cut off has left in the token and is no key, where its files are known to this server. */
  tokenRemnants(): Promise<readonly TokenRemnant[]>;
  /** Removes a remnant, durably; one that is gone, or has become a key, is left alone. Only while the canary is found. */
  removeTokenRemnant(remnant: TokenRemnant): Promise<void>;
  /** The versions of the key-encryption key that are in the token, oldest first; the last one wraps new keys. */
  keyEncryptionKeyVersions(): Promise<readonly number[]>;
  /**
   * Makes a version of the key-encryption key, durably: the one after the newest, which new keys use from then on. Where
   * it is there already and works, nothing is made; what a crash left of it is made anew.
   */
  makeKeyEncryptionKey(version: number): Promise<void>;
  /** Removes the oldest version of the key-encryption key for good, never the newest; that it is gone is as good. */
  removeKeyEncryptionKey(version: number): Promise<void>;
  /** Has the workers of this process look for a key-encryption key that another process made, and use it from then on. */
  findKeyEncryptionKeys(): Promise<void>;
  /** The same key under the newest key-encryption key; its value stays inside the token. `wrapped` keys only. */
  rewrapKey(key: KeyReference): Promise<Omit<StoredKey, "digest">>;
  /** Resolves where a `wrapped` key opens, and keeps nothing of it; `damaged` or `key-missing` where it does not. */
  proveKey(key: KeyReference): Promise<void>;
  /** Makes a `wrapped` key one of the token for ever; its value stays inside the token. The blob stays as it is. */
  moveToToken(key: KeyReference, request: MoveRequest): Promise<void>;
  /** Resolves when the partition answers and its canary key is there. */
  checkHealth(): Promise<void>;
}

/** What is left of a key that was being made. */
export interface TokenRemnant {
  /** Its place in the token, for `removeTokenRemnant` and for people. */
  readonly name: string;
  /** When it was last written, in milliseconds since 1970. */
  readonly modifiedMs: number;
}

/** A `token` key as found in the partition. */
export interface TokenKey {
  /** As in KeyReference.material. */
  readonly tokenId: Buffer;
  readonly keyClass: "secret" | "private";
}

/** The server's own partition: it seals the PINs of the others and signs the audit checkpoints. */
export interface RootPartition {
  /** Encrypts and authenticates `plaintext` (AES-256-GCM); it opens only with the same `context`. */
  seal(plaintext: Buffer, context: string): Promise<Buffer>;
  /** Opens what `seal` made; rejects with `decryption-failed` when altered or under another context. */
  unseal(sealed: Buffer, context: string): Promise<Buffer>;
  /** ECDSA over P-256 with SHA-256, DER, by the checkpoint key of the partition. */
  signCheckpoint(data: Buffer): Promise<Buffer>;
  /** SubjectPublicKeyInfo DER of the checkpoint key. */
  checkpointPublicKey(): Promise<Buffer>;
  /** 1 to 65,536 random bytes of the token. */
  random(length: number): Promise<Buffer>;
}
