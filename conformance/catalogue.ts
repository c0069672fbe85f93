import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";

/** One case file. */
export interface CaseEntry {
  readonly version: string;
  /** "mandatory", "optional", "testcases"; "own" for cases that stand in the folder of the version itself. */
  readonly profile: string;
  readonly name: string;
  readonly path: string;
}

/** The versions that are played unless others are asked for: those this server speaks. */
export const playedVersions: readonly string[] = ["1.0", "1.1", "1.2", "1.3", "1.4", "2.0", "2.1"];

/** Where the cases are: the folder named, then KEYREEVE_VECTORS, then beside the project. */
export function vectorsFolder(named: string | undefined, environment: NodeJS.ProcessEnv): string {
  const chosen = named ?? environment["KEYREEVE_VECTORS"];
  return chosen === undefined ? resolve(import.meta.dirname, "../../../shared/kmip/vectors") : resolve(chosen);
}

/** Every case of the versions, by version, profile and name. A version without a folder has none. */
export function listCases(folder: string, versions: readonly string[]): readonly CaseEntry[] {
  return versions
    .filter((version) => existsSync(join(folder, version)))
    .flatMap((version) => [
      ...readdirSync(join(folder, version), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name)
        .sort()
        .flatMap((profile) => casesIn(join(folder, version, profile), version, profile)),
      ...casesIn(join(folder, version), version, "own"),
    ]);
}

function casesIn(directory: string, version: string, profile: string): readonly CaseEntry[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith(".xml"))
    .sort()
    .map((file) => ({ version, profile, name: file.slice(0, -".xml".length), path: join(directory, file) }));
}
