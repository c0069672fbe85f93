import type { CryptographicParameters } from "#protocol/structures/cryptographic-parameters.js";
import { KmipError } from "#src/objects/kmip-error.js";

/** Which lengths in bytes the tag of a mode may have. */
export interface TagRule {
  readonly shortest: number;
  readonly step: number;
}

/** Shorter tags of GCM and Poly1305 can be forged (SP 800-38D appendix C). */
export const usualTag: TagRule = { shortest: 12, step: 1 };

/** Tags of CCM have an even length (RFC 3610 §2); the profiles that use it allow 8 bytes. */
export const ccmTag: TagRule = { shortest: 8, step: 2 };

const longest = 16;

/** The length of the tag in bytes: as asked, else as given, else the longest. Throws KmipError `GeneralFailure`. */
export function tagLengthOf(
  rule: TagRule,
  { tagLength }: CryptographicParameters,
  givenTagLength: number | undefined,
): number {
  const length = tagLength ?? givenTagLength ?? longest;
  if (length < rule.shortest || length > longest || length % rule.step !== 0) {
    // The test cases of the specification expect General Failure here (CS-BC-M-GCM-1).
    throw new KmipError("GeneralFailure", `the tag of this mode has ${rule.shortest} to ${longest} bytes`);
  }
  return length;
}
