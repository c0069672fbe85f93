import { randomBytes, type ScryptOptions, scrypt } from "node:crypto";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { sameSecret } from "#src/secrecy/same-secret.js";

const SALT_LENGTH = 16;
const DIGEST_LENGTH = 32;

/** 32 MiB and some tens of milliseconds for each guess. */
const COST: ScryptOptions = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };

function digestOf(pin: Buffer, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(pin, salt, DIGEST_LENGTH, COST, (error, digest) => (error === null ? resolve(digest) : reject(error)));
  });
}

/**
 * Remembers on disk which PIN a token has refused, so that no other process of the server, nor the next start of this
 * one, tries it again. It holds salt and scrypt digest; an operator who has given the token that very PIN removes it.
 */
export class RefusedPinFile {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Whether the token has refused this PIN. */
  async holds(pin: Buffer): Promise<boolean> {
    const content = await readFile(this.path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw error;
    });
    if (content === null || content.length !== SALT_LENGTH + DIGEST_LENGTH) return false;
    const digest = await digestOf(pin, content.subarray(0, SALT_LENGTH));
    return sameSecret(digest, content.subarray(SALT_LENGTH));
  }

  /** Remembers a PIN in the place of any other, durably. */
  async remember(pin: Buffer): Promise<void> {
    const salt = randomBytes(SALT_LENGTH);
    const content = Buffer.concat([salt, await digestOf(pin, salt)]);
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    const draft = `${this.path}.${process.pid}.new`;
    const file = await open(draft, "w", 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, this.path);
  }
}
