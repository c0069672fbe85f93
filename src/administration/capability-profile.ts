import { readFileSync } from "node:fs";
import { type Profile, parseProfile } from "#src/crypto/pkcs11/profiles/profile.js";

const known = new Map<string, Profile>();

/** The capability profile in a file, which is read once. Throws Error that names the file and what is wrong with it. */
export function profileIn(file: string): Profile {
  const present = known.get(file);
  if (present !== undefined) return present;
  try {
    const profile = parseProfile(readFileSync(file, "utf8"));
    known.set(file, profile);
    return profile;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`hsm.profile: ${file} is no capability profile: ${reason}`, { cause: error });
  }
}
