import { KmipError } from "#src/objects/kmip-error.js";
import type { Operation } from "#src/operations/contract/operation.js";
import type { Services } from "./services.js";

/**
 * Refuses what the surroundings of the server do not allow now: everything while the audit trail cannot be secured
 * outside the database, and making new objects while space runs out, so that what is left carries the audit of using
 * and destroying those there are (docs/reliability.md). Throws KmipError.
 */
export function demandRoom({ surroundings }: Services, { permission }: Operation): void {
  if (surroundings.isAuditUnsecured()) {
    const words = "the server cannot secure its audit trail at the moment, so it performs nothing; try again later";
    throw new KmipError("InternalServerError", words);
  }
  if (permission === "create" && surroundings.isSpaceShort()) {
    const words = "the server runs out of disk space and makes nothing new; what is there can be used. Try again later";
    throw new KmipError("ServerLimitExceeded", words);
  }
}
