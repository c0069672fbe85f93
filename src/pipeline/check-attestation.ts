import type { ItemState } from "./item.js";

/** Refuses what a client asks that had to prove what runs on its machine and did not (KMIP 2.1 §9.3). */
export function checkAttestation({ request }: ItemState): void {
  if (request.attestationRefusal !== undefined) throw request.attestationRefusal;
}
