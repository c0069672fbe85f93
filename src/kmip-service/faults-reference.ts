import { enumerationName, ResultReasonTable } from "#protocol/enums/index.js";
import { type ProtocolVersion, V1_2, V2_1 } from "#protocol/versions.js";
import { eventOfFault } from "#src/administration/partition-reports.js";
import { type FaultName, type FaultRow, faultTable } from "#src/crypto/pkcs11/faults.js";
import { CryptoError, type CryptoErrorCode } from "#src/crypto/port.js";
import { failureOf } from "#src/pipeline/failure.js";

/** Between these lines stands the table in docs/pkcs11.md. */
const faultsBegin = "<!-- The table of faults is generated from src/crypto/pkcs11/faults.ts by `npm run docs`. -->";
const faultsEnd = "<!-- The end of the table of faults. -->";

const heading = `| Fault (\`fault\` of \`keyreeve_hsm_faults_total\`) | What the layer does | Port | Client, 2.x | Client, 1.x | Event |
| --- | --- | --- | --- | --- | --- |`;

/** What a client is told of a failure of the port, in the words of 2.x and of 1.x. */
function toldAs(code: CryptoErrorCode): readonly [string, string] {
  const { error } = failureOf(new CryptoError(code, ""), "");
  const name = (version: ProtocolVersion) => enumerationName(ResultReasonTable, error.reasonFor(version)) ?? "";
  return [name(V2_1), name(V1_2)];
}

function rowOf(name: FaultName, { what, response, code }: FaultRow): string {
  const told = code === null ? ["nothing", "nothing", "nothing"] : [`\`${code}\``, ...toldAs(code)];
  return `| **\`${name}\`** ${what} | ${response} | ${told.join(" | ")} | \`${eventOfFault[name]}\` |`;
}

/** The table of faults as Markdown: what happens, what a client is told where that does not help, metric and event. */
export function faultsReference(): string {
  const names = Object.keys(faultTable) as FaultName[];
  const rows = names.map((name) => rowOf(name, faultTable[name]));
  return [faultsBegin, "", heading, ...rows, "", faultsEnd].join("\n");
}

/** A page with the table brought up to date. Throws RangeError where the page has no place for it. */
export function withFaults(page: string): string {
  const begin = page.indexOf(faultsBegin);
  const end = page.indexOf(faultsEnd);
  if (begin < 0 || end < begin) throw new RangeError("the page has no place for the table of faults");
  return page.slice(0, begin) + faultsReference() + page.slice(end + faultsEnd.length);
}
