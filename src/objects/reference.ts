import { ResultReason, StateTable } from "#protocol/enums/index.js";
import { ResultReasonTable } from "#protocol/enums/result-reasons.js";
import { enumerationName } from "#protocol/enums/table.js";
import { formatVersion, supportedVersions } from "#protocol/versions.js";
import { type ReasonName, reasonFor } from "./kmip-error.js";
import { destroyableStates, isDestroyed, useStates } from "./lifecycle.js";

const errorsIntroduction = `# Errors

<!-- Generated from src/objects/kmip-error.ts by \`npm run docs\`; edit the table, not this page. -->

A request that fails is answered by a Result Reason and a short message. The audit trail, the metrics and this page call
a reason by its name in the newest version of the specification. A client hears what the version of its request has for
it: a dash means the same name. Where something of the server's own went wrong (\`InternalServerError\`), the message
names the entry of the log, and nothing else of it goes out.

`;

/** The reference of all Result Reasons and what each version is told, as Markdown. */
export function errorsReference(): string {
  const versions = [...supportedVersions].reverse();
  const head = `| Reason | ${versions.map(formatVersion).join(" | ")} |`;
  const rule = `| --- |${" --- |".repeat(versions.length)}`;
  const rows = (Object.keys(ResultReason) as ReasonName[]).map((name) => {
    const cells = versions.map((version) => {
      const told = enumerationName(ResultReasonTable, reasonFor(name, version));
      return told === name ? "–" : told;
    });
    return `| ${name} | ${cells.join(" | ")} |`;
  });
  return [errorsIntroduction + head, rule, ...rows, ""].join("\n");
}

const lifecycleIntroduction = `# The life of an object

<!-- The table is generated from src/objects/lifecycle.ts by \`npm run docs\`. -->

An object is in one state at a time (KMIP 2.1 §4.57). What moves it:

| From | To | By |
| --- | --- | --- |
| – | Pre-Active | Create, Create Key Pair, Register, Re-key, Re-key Key Pair, Certify, Re-certify |
| – | Active | the same, with an Activation Date that has come |
| Pre-Active | Active | Activate, or the Activation Date comes |
| Active | Deactivated | Revoke for any reason but a compromise, or the Deactivation Date comes |
| Pre-Active, Active, Deactivated | Compromised | Revoke with Key Compromise or CA Compromise |
| Pre-Active, Deactivated | Destroyed | Destroy |
| Compromised | Destroyed Compromised | Destroy |
| Destroyed | Destroyed Compromised | Revoke with Key Compromise or CA Compromise |

Nobody has to be awake for a date: the state is worked out from the dates whenever it is asked for, by Get Attributes, by
Locate and by every use of the key. While a key is Active, its Protect Stop Date ends protecting, and its Process Start
Date holds processing back.

*Protect* is to encrypt, sign, make a MAC or wrap; *process* is to decrypt, verify or check a MAC. Destroying an object
removes its material for good; its attributes stay, and its names are free again.

| State | Protect | Process | Destroy | Get |
| --- | --- | --- | --- | --- |`;

/** The states of the life cycle and what each allows, as Markdown. */
export function lifecycleReference(): string {
  const yes = (allowed: boolean): string => (allowed ? "yes" : "no");
  const rows = StateTable.facts.map(({ name, value }) => {
    const { protect, process } = useStates;
    const cells = [protect.has(value), process.has(value), destroyableStates.has(value), !isDestroyed(value)];
    return `| ${name} | ${cells.map(yes).join(" | ")} |`;
  });
  return [lifecycleIntroduction, ...rows, ""].join("\n");
}
