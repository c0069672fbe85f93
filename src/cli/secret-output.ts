import { randomUUID } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";
import type { SecretVersion } from "#src/kmip-client/secrets/secret-attributes.js";
import { printFacts, printJson } from "./output.js";

/** Prints one version of a secret. */
export async function printVersion(version: SecretVersion, json: boolean | undefined): Promise<void> {
  if (json === true) return printJson(version);
  return printFacts(versionFacts(version));
}

/** What is told of a version, one fact a line. */
function versionFacts(version: SecretVersion): readonly (readonly [string, string | number | null])[] {
  return [
    ["Name", version.name],
    ["Version", version.version],
    ["State", version.state],
    ["Identifier", version.id],
    ["Created", version.created],
  ];
}

/** Cells of a version in a table of versions, under `versionHeadings`. */
export function versionCells({ version, current, state, created, deactivated, id }: SecretVersion) {
  return [version, current ? "yes" : "no", state.toLowerCase(), created, deactivated, id] as const;
}

/** The headings of a table of versions. */
export const versionHeadings = ["VERSION", "IN USE", "STATE", "CREATED", "DEACTIVATED", "IDENTIFIER"] as const;

/** Writes bytes to standard output as they are, and waits where its reader is slow. */
export async function printBytes(bytes: Buffer): Promise<void> {
  if (process.stdout.write(bytes)) return;
  await new Promise<void>((resolve) => process.stdout.once("drain", resolve));
}

/** Writes bytes to a file that its owner alone may read; whoever opens it finds the old content or the new one. */
export async function writePrivateFile(path: string, bytes: Buffer): Promise<void> {
  const unfinished = `${path}.${randomUUID()}`;
  try {
    await writeFile(unfinished, bytes, { mode: 0o600, flag: "wx" });
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
