import { readFileSync } from "node:fs";
import { formatVersion, supportedVersions } from "#protocol/versions.js";
import type { VersionInformation } from "./administration.js";

/** The version of this software, from package.json. */
export function softwareVersion(): string {
  const content = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  return (JSON.parse(content) as { version: string }).version;
}

/** The software's own version, what runs it and what it speaks. */
export function versionInformation(): VersionInformation {
  const kmip = [...supportedVersions].reverse().map(formatVersion);
  return { version: softwareVersion(), node: process.version, kmip };
}
