/** A key that the partition itself needs: made when it is initialised, kept in the token. */
export interface PartitionKey {
  /** Value of CKA_LABEL. */
  readonly label: string;
  /** Value of CKA_ID: 16 bytes. */
  readonly tokenId: Buffer;
}

function partitionKey(name: string, version: number): PartitionKey {
  return {
    label: `keyreeve ${name} ${version}`,
    tokenId: Buffer.from(`keyreeve.${name}.${String(version).padStart(3, "0")}`, "ascii"),
  };
}

/** Highest version of the key-encryption key; its number has three digits. */
export const KEY_ENCRYPTION_KEY_VERSIONS = 999;

/** The key-encryption key (AES-256) of a version. */
export function keyEncryptionKey(version: number): PartitionKey {
  return partitionKey("kek", version);
}

/** The version of the key-encryption key that a CKA_ID names; null for any other object. */
export function keyEncryptionKeyVersion(tokenId: Buffer): number | null {
  const digits = /^keyreeve\.kek\.(\d{3})$/.exec(tokenId.toString("latin1"))?.[1];
  return digits === undefined ? null : Number(digits);
}

/** The keys of which there is one version. */
export const PARTITION_KEYS = {
  /** Authenticates rows of metadata (HMAC-SHA-256). */
  authentication: partitionKey("mac", 1),
  /** Used for nothing: as long as it is found, what is not found is really missing. */
  canary: partitionKey("can", 1),
  /** Root partition: seals the PINs of the others (AES-256-GCM). */
  sealing: partitionKey("pin", 1),
  /** Root partition: signs audit checkpoints (P-256). */
  checkpoint: partitionKey("chk", 1),
} as const;

const PREFIX = Buffer.from("keyreeve.", "ascii");

/** Whether a CKA_ID belongs to one of the partition's own keys. */
export function isPartitionKey(tokenId: Buffer): boolean {
  return tokenId.length === 16 && tokenId.subarray(0, PREFIX.length).equals(PREFIX);
}
