import { KmipError } from "#src/objects/kmip-error.js";
import { JointHourlyCounts } from "#src/siblings/joint-hourly-counts.js";
import type { Siblings } from "#src/siblings/siblings.js";
import type { UsableKey } from "./usable-key.js";

/** Failed decryptions of one key in an hour beyond which an operator hears of it: attacks on paddings take thousands. */
export const failuresOfHour = 100;

/** Keys at most of which it is remembered that an alarm told of them. */
const toldMax = 10_000;

/** Decryptions with a key fail unusually often. */
export interface DecryptionAlarm {
  readonly tenantId: string;
  /** The key. */
  readonly objectId: string;
  /** Within the last hour. */
  readonly failures: number;
}

/** Who is told what. */
export interface DecryptionWatchOptions {
  readonly siblings: Siblings;
  /** A steady time in milliseconds. */
  readonly now: () => number;
  /** Told of each failure, and of each plaintext that something stood in for. */
  readonly failed: () => void;
  /** Told once where the failures of a key go beyond what is usual, and again at each further multiple of it. */
  readonly alarm: (alarm: DecryptionAlarm) => void;
}

/** The decryptions of one tenant, as cryptography tells of them. */
export interface TenantDecryptions {
  /**
   * Counts an RSA decryption with PKCS#1 v1.5 padding before it is done, whatever comes of it. Throws KmipError where the
   * tenant or the key does not allow it, or where the key has done as many within the hour as it may.
   */
  takePkcs1(key: Pick<UsableKey, "reference" | "namesPkcs1">): void;
  /** Counts what failed with a key: 1, or 0, which takes as long. */
  count(objectId: string, failures: 0 | 1): void;
}

/** Counts what fails to decrypt, for all processes of the server together. */
export class DecryptionWatch {
  private readonly options: DecryptionWatchOptions;
  private readonly failures: JointHourlyCounts;
  private readonly uses: JointHourlyCounts;
  /** How far above what is usual the failures of keys were when an alarm told of them last. */
  private readonly told = new Map<string, number>();

  constructor(options: DecryptionWatchOptions) {
    this.options = options;
    this.failures = new JointHourlyCounts(options.siblings, "failed decryptions", options.now);
    this.uses = new JointHourlyCounts(options.siblings, "PKCS#1 v1.5 decryptions", options.now);
  }

  /** Those of a tenant that allows each key so many decryptions with PKCS#1 v1.5 padding an hour; 0 is none. */
  of(tenantId: string, pkcs1Decryptions: number): TenantDecryptions {
    return {
      takePkcs1: ({ reference, namesPkcs1 }) => {
        if (pkcs1Decryptions === 0) throw refused("PKCS#1 v1.5 padding is not taken off for this tenant");
        if (!namesPkcs1) throw refused("the Cryptographic Parameters of the key do not name PKCS#1 v1.5 padding");
        if (this.uses.add(`${tenantId} ${reference.objectId}`, 1) <= pkcs1Decryptions) return;
        const words = `a key decrypts at most ${pkcs1Decryptions} times an hour with PKCS#1 v1.5 padding`;
        throw new KmipError("ServerLimitExceeded", words);
      },
      count: (objectId, failures) => this.count(tenantId, objectId, failures),
    };
  }

  private count(tenantId: string, objectId: string, failures: 0 | 1): void {
    const key = `${tenantId} ${objectId}`;
    const sum = this.failures.add(key, failures);
    if (failures === 0) return;
    this.options.failed();
    const height = Math.floor((sum - 1) / failuresOfHour);
    if (height > (this.told.get(key) ?? 0)) this.options.alarm({ tenantId, objectId, failures: sum });
    this.told.delete(key);
    if (height > 0) this.told.set(key, height);
    const [oldest] = this.told.keys();
    if (this.told.size > toldMax && oldest !== undefined) this.told.delete(oldest);
  }
}

function refused(words: string): KmipError {
  return new KmipError("UnsupportedCryptographicParameters", words);
}
