import { parseDatabaseUrl } from "./database-url.js";
import type { ConfigurationProblem } from "./errors.js";

/** The configuration as a tree of plain values, before it is checked. */
export interface Tree {
  [key: string]: unknown;
}

/** How the text of a variable becomes a value of the tree; a `file` is a section that has only the key of that name. */
type Reading = "text" | "count" | "number" | "boolean" | "list" | "file";

interface Variable {
  readonly name: string;
  readonly path: readonly [string, ...string[]];
  readonly reading: Reading;
}

/** Environment variables that override the file, one row each. An empty one counts as absent. */
export const variables = [
  { name: "KEYREEVE_NODE_ID", path: ["server", "nodeId"], reading: "text" },
  { name: "KEYREEVE_WORKERS", path: ["server", "workers"], reading: "count" },
  { name: "KEYREEVE_SERVER_NAMES", path: ["server", "names"], reading: "list" },
  { name: "KEYREEVE_KMIP_HOST", path: ["kmip", "host"], reading: "text" },
  { name: "KEYREEVE_KMIP_PORT", path: ["kmip", "port"], reading: "number" },
  { name: "KEYREEVE_HTTPS_ENABLED", path: ["kmip", "https", "enabled"], reading: "boolean" },
  { name: "KEYREEVE_HTTPS_HOST", path: ["kmip", "https", "host"], reading: "text" },
  { name: "KEYREEVE_HTTPS_PORT", path: ["kmip", "https", "port"], reading: "number" },
  { name: "KEYREEVE_TLS_PROFILE", path: ["kmip", "tls", "profile"], reading: "text" },
  { name: "KEYREEVE_INTEROPERABILITY_TESTS", path: ["kmip", "interoperabilityTests"], reading: "boolean" },
  { name: "KEYREEVE_EXPERIMENTAL_VERSIONS", path: ["kmip", "experimentalVersions"], reading: "list" },
  { name: "KEYREEVE_ADMIN_HOST", path: ["admin", "host"], reading: "text" },
  { name: "KEYREEVE_ADMIN_PORT", path: ["admin", "port"], reading: "number" },
  { name: "KEYREEVE_DATABASE_CLIENT", path: ["database", "client"], reading: "text" },
  { name: "KEYREEVE_HSM_MODULE", path: ["hsm", "module"], reading: "text" },
  { name: "KEYREEVE_ROOT_PIN_FILE", path: ["hsm", "rootPin"], reading: "file" },
  { name: "KEYREEVE_AUDIT_CHECKPOINT_FILE", path: ["audit", "checkpointFile"], reading: "text" },
  { name: "KEYREEVE_LOG_LEVEL", path: ["log", "level"], reading: "text" },
  { name: "KEYREEVE_LOG_FORMAT", path: ["log", "format"], reading: "text" },
] as const satisfies readonly Variable[];

/** Names PostgreSQL in one piece: `postgres://user:password@host:port/database`, or with several hosts. */
export const databaseUrlVariable = "KEYREEVE_DATABASE_URL";

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Lays the variables of the environment over the tree read from the file.
 * Gives the problems of variables that cannot be read; the values themselves are checked with the rest of the tree.
 */
export function overlayEnvironment(tree: Tree, environment: Environment): ConfigurationProblem[] {
  const problems: ConfigurationProblem[] = [];
  const url = environment[databaseUrlVariable];
  if (url !== undefined && url !== "") problems.push(...overlayDatabaseUrl(tree, url));
  for (const { name, path, reading } of variables) {
    const text = environment[name];
    if (text === undefined || text === "") continue;
    if (reading === "number" && !/^\d+$/.test(text)) {
      problems.push({
        path: path.join("."),
        message: `${name} must be a whole number, but is ${JSON.stringify(text)}`,
      });
      continue;
    }
    put(tree, path, readings[reading](text));
  }
  return problems;
}

const readings: Readonly<Record<Reading, (text: string) => unknown>> = {
  text: (text) => text,
  number: (text) => Number(text),
  count: (text) => (/^\d+$/.test(text) ? Number(text) : text),
  boolean: (text) => (text === "true" || text === "false" ? text === "true" : text),
  list: (text) =>
    text
      .split(",")
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ""),
  file: (text) => ({ file: text }),
};

function put(tree: Tree, [first, ...rest]: readonly string[], value: unknown): void {
  if (first === undefined) return;
  const [next] = rest;
  if (next === undefined) {
    tree[first] = value;
    return;
  }
  const present = tree[first];
  const branch = isTree(present) ? present : {};
  tree[first] = branch;
  put(branch, rest, value);
}

function overlayDatabaseUrl(tree: Tree, text: string): ConfigurationProblem[] {
  const url = parseDatabaseUrl(text);
  if (typeof url === "string") return [{ path: "database", message: `${databaseUrlVariable} ${url}` }];
  const present = tree["database"];
  const kept = isTree(present) && present["client"] === "pg" ? { ...present } : {};
  if (url.password !== undefined) delete kept["passwordFile"];
  tree["database"] = { ...kept, client: "pg", ...url };
  return [];
}

/** Whether a value is a branch of the tree. */
export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
