import { createHash, createHmac } from "node:crypto";
import { HashingAlgorithm } from "#protocol/enums/index.js";
import { sameSecret } from "#src/secrecy/same-secret.js";

/** Hash functions that a Hashed Password may be made with, by Hashing Algorithm. */
const hashNames: ReadonlyMap<number, string> = new Map([
  [HashingAlgorithm.SHA_256, "sha256"],
  [HashingAlgorithm.SHA_384, "sha384"],
  [HashingAlgorithm.SHA_512, "sha512"],
]);

/** What of a credential has to be known in plain to check it; sealed at rest. */
export interface CredentialSecrets {
  /** S1 and S2 of a Hashed Password by hash function, in base64 (KMIP 2.1 §9.11). */
  readonly hashes: Readonly<Record<string, { readonly s1: string; readonly s2: string }>>;
  /** The key of one-time passwords, in base64 (RFC 6238); absent where the credential has none. */
  readonly oneTimeKey?: string;
}

function hash(name: string, ...parts: readonly (Buffer | string)[]): Buffer {
  const sum = createHash(name);
  for (const part of parts) sum.update(part);
  return sum.digest();
}

/** The secrets of a username with a password: S1 = Hash(Username ‖ Password), S2 = Hash(Password ‖ Username). */
export function secretsOf(username: string, password: string, oneTimeKey?: Buffer): CredentialSecrets {
  const hashes = Object.fromEntries(
    [...hashNames.values()].map((name) => [
      name,
      {
        s1: hash(name, username, password).toString("base64"),
        s2: hash(name, password, username).toString("base64"),
      },
    ]),
  );
  return oneTimeKey === undefined ? { hashes } : { hashes, oneTimeKey: oneTimeKey.toString("base64") };
}

/** A Hashed Password as a request shows it. */
export interface ShownHash {
  /** Microseconds since 1970. */
  readonly timeStamp: bigint;
  readonly hashingAlgorithm: number | undefined;
  readonly hashedPassword: Buffer;
}

/**
 * Checks a Hashed Password: Hash(S1 ‖ Timestamp) ‖ S2, the time stamp as the eight bytes of its encoding. Gives the
 * Server Hashed Password of the answer, Hash(Timestamp ‖ S1 ‖ Hash(S2)) (KMIP 2.1 §8.5), or undefined where it is wrong.
 */
export function checkHashedPassword(secrets: CredentialSecrets, shown: ShownHash): Buffer | undefined {
  const name = hashNames.get(shown.hashingAlgorithm ?? HashingAlgorithm.SHA_256);
  const kept = name === undefined ? undefined : secrets.hashes[name];
  if (name === undefined || kept === undefined) return undefined;
  const s1 = Buffer.from(kept.s1, "base64");
  const s2 = Buffer.from(kept.s2, "base64");
  const timeStamp = Buffer.alloc(8);
  timeStamp.writeBigInt64BE(shown.timeStamp);
  if (!sameSecret(shown.hashedPassword, Buffer.concat([hash(name, s1, timeStamp), s2]))) return undefined;
  return hash(name, timeStamp, s1, hash(name, s2));
}

/** Seconds that one one-time password stands for. */
export const oneTimeSeconds = 30;
const oneTimeDigits = 6;

/** The one-time password of a step of time (RFC 6238 with SHA-1, six digits). */
export function oneTimePassword(key: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const sum = createHmac("sha1", key).update(counter).digest();
  const offset = (sum[sum.length - 1] ?? 0) & 0x0f;
  const number = sum.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 10 ** oneTimeDigits).padStart(oneTimeDigits, "0");
}

/** The step whose one-time password is shown, the present one or a neighbour of it; undefined where none fits. */
export function oneTimeStep({ oneTimeKey }: CredentialSecrets, shown: string, seconds: number): number | undefined {
  if (oneTimeKey === undefined) return undefined;
  const key = Buffer.from(oneTimeKey, "base64");
  const present = Math.floor(seconds / oneTimeSeconds);
  const fitting = [present, present - 1, present + 1].filter((step) =>
    sameSecret(Buffer.from(shown), Buffer.from(oneTimePassword(key, step))),
  );
  return fitting[0];
}
