import { enumerationName, OperationTable } from "#protocol/enums/index.js";
import type { CaseResult } from "./play.js";
import { tolerances } from "./tolerances.js";

/** How many cases of one version and profile came out how. */
interface Tally {
  readonly version: string;
  readonly profile: string;
  passed: number;
  divergences: number;
  failed: number;
  unsupported: number;
}

function tally(results: readonly CaseResult[]): readonly Tally[] {
  const rows = new Map<string, Tally>();
  for (const { version, profile, outcome } of results) {
    const key = `${version} ${profile}`;
    const row = rows.get(key) ?? { version, profile, passed: 0, divergences: 0, failed: 0, unsupported: 0 };
    if (outcome === "passed") row.passed += 1;
    else if (outcome === "divergence") row.divergences += 1;
    else if (outcome === "failed") row.failed += 1;
    else row.unsupported += 1;
    rows.set(key, row);
  }
  return [...rows.values()];
}

const headings = ["version", "profile", "passed", "divergences", "failed", "not yet supported"];

function tableRows(results: readonly CaseResult[]): readonly (readonly string[])[] {
  const rows = tally(results);
  const sum = (of: (row: Tally) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const cells = ({ passed, divergences, failed, unsupported }: Omit<Tally, "version" | "profile">): readonly string[] =>
    [passed, divergences, failed, unsupported].map(String);
  const total = {
    passed: sum((row) => row.passed),
    divergences: sum((row) => row.divergences),
    failed: sum((row) => row.failed),
    unsupported: sum((row) => row.unsupported),
  };
  return [...rows.map((row) => [row.version, row.profile, ...cells(row)]), ["all", "", ...cells(total)]];
}

function operationNames(result: CaseResult): string {
  return (result.operations ?? []).map((code) => enumerationName(OperationTable, code) ?? String(code)).join(" + ");
}

function where(result: CaseResult): string {
  const step = result.step === undefined ? "" : `step ${result.step}`;
  return [step, operationNames(result)].filter((part) => part !== "").join(", ");
}

/** One case in one line. */
export function caseLine({ outcome, version, profile, name }: CaseResult): string {
  return `${outcome}: ${version}/${profile}/${name}`;
}

/** The results for programs: the table, and each case with its first difference. */
export function reportJson(results: readonly CaseResult[]): string {
  const cases = results.map((result) => {
    const { version, profile, name, outcome, step, difference, remark } = result;
    const operations = outcome === "passed" ? undefined : operationNames(result);
    return { version, profile, name, outcome, step, operations, difference, remark };
  });
  return `${JSON.stringify({ table: tally(results), cases }, null, 2)}\n`;
}

/** The results as text for a terminal: the table, the first difference of each case that did not pass, all cases. */
export function reportText(results: readonly CaseResult[]): string {
  const rows = [headings, ...tableRows(results)];
  const widths = headings.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const failures = results
    .filter((result) => result.outcome !== "passed")
    .map((result) => {
      const { difference } = result;
      const detail = `${difference?.path}\n      expected ${difference?.expected}\n      got      ${difference?.actual}`;
      return `${caseLine(result)} (${where(result)})\n      ${detail}`;
    });
  const passed = results.filter(({ outcome }) => outcome === "passed").map(caseLine);
  return [...lines, "", ...failures, ...passed, ""].join("\n");
}

function cell(text: string | undefined): string {
  return (text ?? "").replaceAll("|", "\\|").replaceAll("\n", " ");
}

function markdownTable(heading: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
  return [line(heading), line(heading.map(() => "---")), ...rows.map(line)];
}

function passedIn(results: readonly CaseResult[], version: string, profile: string): string {
  return results
    .filter((result) => result.outcome === "passed" && result.version === version && result.profile === profile)
    .map(({ name }) => name)
    .join(", ");
}

/** The results as the page docs/conformance.md. */
export function reportPage(results: readonly CaseResult[]): string {
  const list = (outcome: CaseResult["outcome"]): readonly string[] => {
    const rows = results
      .filter((result) => result.outcome === outcome)
      .map((result) => {
        const { path, expected, actual } = result.difference ?? { path: "", expected: "", actual: "" };
        const name = `${result.version} ${result.name}`;
        return [name, where(result), path, expected, actual, result.remark ?? ""];
      });
    return rows.length === 0
      ? ["None."]
      : markdownTable(["case", "where", "first difference", "expected", "answered", "remark"], rows);
  };
  const tolerated = tolerances.map((row) => [
    row.field,
    row.operations?.join(", ") ?? "all",
    row.condition ?? "",
    row.accepts,
    row.reason,
  ]);
  return [
    "# Conformance",
    "",
    "Written by `npx keyreeve conformance`, which plays the OASIS test cases of KMIP 1.0 to 2.1 against a running server over",
    "mutual TLS and compares every field of every answer in type, value and order. What may differ is listed below.",
    "",
    "“Not yet supported” counts cases in which the server answers Operation Not Supported where the case expects another",
    "answer, and cases in which the server would have to send requests itself.",
    "",
    "## Result",
    "",
    ...markdownTable(headings, tableRows(results)),
    "",
    "## Failed",
    "",
    ...list("failed"),
    "",
    "## Divergences",
    "",
    "Listed with their clauses in [divergences](divergences.md).",
    "",
    ...list("divergence"),
    "",
    "## Not yet supported",
    "",
    ...list("not yet supported"),
    "",
    "## What may differ",
    "",
    ...markdownTable(["field", "answers of", "when", "what is accepted", "why"], tolerated),
    "",
    "## Every case",
    "",
    ...markdownTable(
      ["version", "profile", "passed"],
      tally(results).map(({ version, profile }) => [version, profile, passedIn(results, version, profile)]),
    ),
    "",
  ].join("\n");
}
