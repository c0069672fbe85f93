import type * as z from "zod";
import { isTree } from "./environment.js";
import type { ConfigurationProblem } from "./errors.js";

type Issue = z.core.$ZodIssue;

/** Turns what the schema found into sentences for an operator. `tree` is what was checked. */
export function describeIssues(issues: readonly Issue[], tree: unknown): ConfigurationProblem[] {
  return issues.flatMap((issue) => describeIssue(issue, tree));
}

function describeIssue(issue: Issue, tree: unknown): ConfigurationProblem[] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      path: [...path, key].join("."),
      message: "no such key; remove it or correct its name (docs/configuration.md lists all)",
    }));
  }
  return [{ path: path.join(".") || "(whole file)", message: `${sentence(issue)}${found(path, tree)}` }];
}

function sentence(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return `must be ${kinds[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `must be one of ${issue.values.map(String).join(", ")}`;
    case "invalid_union":
      return `must be one of ${"options" in issue ? issue.options.filter((option) => option !== undefined).join(", ") : "its forms"}`;
    case "too_big":
      return `must be at most ${issue.maximum}`;
    case "too_small":
      return issue.origin === "string" ? "must not be empty" : `must be at least ${issue.minimum}`;
    case "invalid_format":
      return `must match ${"pattern" in issue ? String(issue.pattern) : issue.format}`;
    default:
      return issue.message;
  }
}

const kinds: Readonly<Record<string, string>> = {
  number: "a number",
  int: "a whole number",
  string: "text",
  array: "a list",
  object: "a section with keys of its own",
};

// What stands under a key whose name speaks of a secret is never repeated: configuration errors land in logs.
function found(path: readonly string[], tree: unknown): string {
  if (path.some((key) => /password|pin|secret/i.test(key))) return "";
  let value = tree;
  for (const key of path) value = isTree(value) ? value[key] : Array.isArray(value) ? value[Number(key)] : undefined;
  if (value === undefined) return "";
  return typeof value === "object" ? "" : `, but is ${JSON.stringify(value)}`;
}
