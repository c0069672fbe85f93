import { enumerationName, OperationTable } from "#protocol/enums/index.js";
import { errata } from "./errata.js";
import type { CaseResult } from "./play.js";
import { tolerances } from "./tolerances.js";

/** How many cases of one version and profile came out how. */
interface Tally {
  readonly version: string;
  readonly profile: string;
  passed: number;
  failed: number;
  unsupported: number;
}

function tally(results: readonly CaseResult[]): readonly Tally[] {
  const rows = new Map<string, Tally>();
  for (const { version, profile, outcome } of results) {
    const key = `${version} ${profile}`;
    const row = rows.get(key) ?? { version, profile, passed: 0, failed: 0, unsupported: 0 };
    if (outcome === "passed") row.passed += 1;
    else if (outcome === "failed") row.failed += 1;
    else row.unsupported += 1;
    rows.set(key, row);
  }
  return [...rows.values()];
}

const headings = ["version", "profile", "passed", "failed", "not yet supported"];

function tableRows(results: readonly CaseResult[]): readonly (readonly string[])[] {
  const rows = tally(results);
  const sum = (of: (row: Tally) => number): string => String(rows.reduce((total, row) => total + of(row), 0));
  const total = ["all", "", sum((row) => row.passed), sum((row) => row.failed), sum((row) => row.unsupported)];
  return [
    ...rows.map((row) => [row.version, row.profile, String(row.passed), String(row.failed), String(row.unsupported)]),
    total,
  ];
}

function operationNames(result: CaseResult): string {
  return (result.operations ?? []).map((code) => enumerationName(OperationTable, code) ?? String(code)).join(" + ");
}

function where(result: CaseResult): string {
  const step = result.step === undefined ? "" : `step ${result.step}`;
  return [step, operationNames(result)].filter((part) => part !== "").join(", ");
}

/** The results as text for a terminal. */
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
      return `${result.outcome}: ${result.version}/${result.profile}/${result.name} (${where(result)})\n      ${detail}`;
    });
  return [...lines, "", ...failures, ""].join("\n");
}

function cell(text: string | undefined): string {
  return (text ?? "").replaceAll("|", "\\|").replaceAll("\n", " ");
}

function markdownTable(heading: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
  return [line(heading), line(heading.map(() => "---")), ...rows.map(line)];
}

/** The results as the page docs/conformance.md. */
export function reportPage(results: readonly CaseResult[]): string {
  const list = (outcome: CaseResult["outcome"]): readonly string[] => {
    const rows = results
      .filter((result) => result.outcome === outcome)
      .map((result) => {
        const { path, expected, actual } = result.difference ?? { path: "", expected: "", actual: "" };
        const name = `${result.version} ${result.name}`;
        return [name, where(result), path, expected, actual, errata[name] ?? ""];
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
    "Written by `npm run conformance`, which plays the OASIS test cases of KMIP 1.0 to 2.1 against a running server over",
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
    "## Not yet supported",
    "",
    ...list("not yet supported"),
    "",
    "## What may differ",
    "",
    ...markdownTable(["field", "answers of", "when", "what is accepted", "why"], tolerated),
    "",
  ].join("\n");
}
