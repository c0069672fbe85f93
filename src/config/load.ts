import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Document, parseDocument } from "yaml";
import { type Configuration, completeConfiguration } from "./configuration.js";
import { type Environment, isTree, overlayEnvironment, type Tree } from "./environment.js";
import { ConfigurationError } from "./errors.js";
import { describeIssues } from "./problems.js";
import { configurationSchema } from "./schema.js";

/** Where the configuration is to come from. What is absent is taken from the environment, then from the defaults. */
export interface ConfigurationSources {
  /** The data directory; relative paths start at the working directory. Default: KEYREEVE_HOME, then `./keyreeve-data`. */
  readonly home?: string;
  /** The YAML file. Default: KEYREEVE_CONFIG, then `keyreeve.yaml` in the home, which alone may be missing. */
  readonly file?: string;
  readonly environment: Environment;
}

/** The data directory where nothing names one. */
export const defaultHome = "./keyreeve-data";

/**
 * Reads, checks and completes the configuration: the file, then the environment over it, then the defaults under both.
 * @throws ConfigurationError that lists every problem.
 */
export function loadConfiguration(sources: ConfigurationSources): Configuration {
  const { environment } = sources;
  const home = resolve(firstOf(sources.home, environment["KEYREEVE_HOME"]) ?? defaultHome);
  const named = firstOf(sources.file, environment["KEYREEVE_CONFIG"]);
  const path = named === undefined ? resolve(home, "keyreeve.yaml") : resolve(named);
  const text = readConfigurationFile(path, named === undefined);
  const file = text === null ? undefined : path;
  const tree = text === null ? {} : parseTree(text, path);
  const problems = overlayEnvironment(tree, environment);
  const checked = configurationSchema.safeParse(tree);
  if (!checked.success) problems.push(...describeIssues(checked.error.issues, tree));
  if (!checked.success || problems.length > 0) throw new ConfigurationError(problems, file);
  return completeConfiguration(checked.data, home, file ?? null);
}

function firstOf(...candidates: readonly (string | undefined)[]): string | undefined {
  return candidates.find((candidate) => candidate !== undefined && candidate !== "");
}

function readConfigurationFile(path: string, mayBeMissing: boolean): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (mayBeMissing && error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigurationError([{ path, message: `cannot be read: ${reason}` }]);
  }
}

/** What a document says. An alias to nothing, or so many that they stand for more than a file holds, show only here. */
function treeIn(document: Document, path: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw new ConfigurationError([{ path, message: error.message }]);
  }
}

function parseTree(text: string, path: string): Tree {
  const document = parseDocument(text, { prettyErrors: true });
  const problems = [...document.errors, ...document.warnings].map(({ message, linePos }) => ({
    path: linePos === undefined ? path : `${path}:${linePos[0].line}`,
    message: message.split("\n", 1)[0] ?? message,
  }));
  if (problems.length > 0) throw new ConfigurationError(problems, path);
  const tree = treeIn(document, path);
  if (tree === null) return {};
  if (isTree(tree)) return tree;
  throw new ConfigurationError([{ path, message: "must hold sections such as `kmip:`, not a single value or a list" }]);
}
