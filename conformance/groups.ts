import { existsSync } from "node:fs";
import { join } from "node:path";
import type { CaseEntry } from "./catalogue.js";

/** Cases that are played one after the other because the later ones look for what the earlier ones made. */
export interface CaseGroup {
  readonly entries: readonly GroupEntry[];
}

/** A case of a group. */
export interface GroupEntry {
  readonly entry: CaseEntry;
  /** Ours, in place of one that is not among the cases: it must pass, but counts for nothing. */
  readonly isPreparation: boolean;
}

/** Profiles whose third case retrieves, as its description says, what the second one registered or created. */
const dependent = /^((?:SASED|TL)-M)-(\d)-(\d\d)$/;

/** Puts cases together that depend on one another, and what prepares for them where a case is missing; the order stays. */
export function groupCases(entries: readonly CaseEntry[], ownCases: string): readonly CaseGroup[] {
  const groups = new Map<string, GroupEntry[]>();
  for (const entry of entries) {
    const [, profile] = dependent.exec(entry.name) ?? [];
    const key = profile === undefined ? entry.path : `${entry.version} ${profile}`;
    const group = groups.get(key) ?? [];
    group.push(...preparationsFor(entry, group, ownCases), { entry, isPreparation: false });
    groups.set(key, group);
  }
  return [...groups.values()].map((group) => ({ entries: group }));
}

function preparationsFor(entry: CaseEntry, before: readonly GroupEntry[], ownCases: string): readonly GroupEntry[] {
  const [, profile, number, suffix] = dependent.exec(entry.name) ?? [];
  if (profile === undefined || number !== "3") return [];
  const name = `${profile}-2-${suffix}`;
  const path = join(ownCases, "preparing", entry.version, `${name}.xml`);
  if (before.some((each) => each.entry.name === name) || !existsSync(path)) return [];
  return [{ entry: { version: entry.version, profile: "preparing", name, path }, isPreparation: true }];
}
