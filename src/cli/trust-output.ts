import type { TrustSummary } from "#src/administration/first-contact/trusted-authorities.js";
import { printFacts, printJson } from "./output.js";

/** The rules of an authority in a line. */
export function rulesText({ subject, anyName, dns, email, uri }: TrustSummary["rules"]): string {
  if (anyName) return "any certificate";
  const parts = Object.entries(subject).map(([kind, pattern]) => `${kind}=${pattern}`);
  const names = Object.entries({ dns, email, uri }).map(
    ([kind, patterns]) => patterns && `${kind}:${patterns.join("|")}`,
  );
  return [...parts, ...names.filter((each) => each !== undefined)].join(", ");
}

/** Writes what is known of one trusted authority. */
export async function printTrust(trust: TrustSummary, json: boolean | undefined): Promise<void> {
  if (json) return printJson(trust);
  return printFacts([
    ["Authority", trust.name],
    ["Tenant", trust.tenant],
    ["Clients", trust.autoRegister ? "are registered at first contact" : "wait to be accepted"],
    ["Rules", rulesText(trust.rules)],
    ["Named by", trust.nameFrom],
    ...trust.certificates.flatMap(({ subject, fingerprint, notAfter, isAnchor }): [string, string][] => [
      [isAnchor ? "Trusted" : "Below it", subject],
      ["Fingerprint", fingerprint],
      ["Valid until", notAfter],
    ]),
    ...trust.revocationLists.map(({ issuer, nextUpdate, revoked }): [string, string] => [
      "Revocations",
      `${revoked} of ${issuer}, next list due ${nextUpdate ?? "(not said)"}`,
    ]),
    ["Changed", trust.changedAt],
  ]);
}
