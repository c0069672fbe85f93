import { randomBytes, scrypt } from "node:crypto";
import { sameSecret } from "#src/secrecy/same-secret.js";

/** Cost of a hash: 2¹⁵ rounds over 32 MiB, about a tenth of a second (RFC 7914 §2). */
const cost = { N: 32_768, r: 8, p: 1 } as const;
const hashBytes = 32;
const saltBytes = 16;
const memoryLimit = 64 * 1024 * 1024;

function derive(password: string, salt: Buffer, { N, r, p }: { N: number; r: number; p: number }): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize("NFC"), salt, hashBytes, { N, r, p, maxmem: memoryLimit }, (error, hash) => {
      if (error === null) resolve(hash);
      else reject(error);
    });
  });
}

function kept(salt: Buffer, hash: Buffer): string {
  return ["scrypt", cost.N, cost.r, cost.p, salt.toString("base64"), hash.toString("base64")].join("$");
}

/** The hash of a password as it is kept: `scrypt$N$r$p$salt$hash`, the last two in base64. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  return kept(salt, await derive(password, salt, cost));
}

/** A hash that is of no password, and as costly to check as any. */
export function hashOfNothing(): string {
  return kept(randomBytes(saltBytes), randomBytes(hashBytes));
}

/** Whether a password is the one of a hash. */
export async function verifyPassword(password: string, passwordHash: string): Promise<boolean> {
  const [scheme, N, r, p, salt, hash] = passwordHash.split("$");
  if (scheme !== "scrypt" || salt === undefined || hash === undefined) return false;
  const expected = Buffer.from(hash, "base64");
  const found = await derive(password, Buffer.from(salt, "base64"), { N: Number(N), r: Number(r), p: Number(p) });
  return sameSecret(found, expected);
}
