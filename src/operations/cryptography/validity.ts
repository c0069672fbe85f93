import { ValidityIndicator } from "#protocol/enums/index.js";
import { KmipError } from "#src/objects/kmip-error.js";

/** What the answer says of a signature or code; nothing where it is not known yet (KMIP 2.1 §6.1.33, §6.1.56). */
export function validityOf(valid: boolean | undefined): number | undefined {
  if (valid === undefined) return undefined;
  return valid ? ValidityIndicator.Valid : ValidityIndicator.Invalid;
}

/** What is to be checked, which must be there at the end. Throws KmipError. */
export function demandBrought(brought: Buffer | undefined, what: string): Buffer {
  if (brought === undefined) throw new KmipError("InvalidMessage", `the ${what} are missing`);
  return brought;
}
