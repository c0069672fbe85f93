import { join } from "node:path";
import t from "tap";
import type { CaseEntry } from "#conformance/catalogue.js";
import { groupCases } from "#conformance/groups.js";
import { projectRoot } from "#test/support/server.js";

const ownCases = join(projectRoot, "conformance/cases");

const entry = (name: string, version = "1.4"): CaseEntry => ({
  version,
  profile: "mandatory",
  name,
  path: `${version}/${name}`,
});

const namesOf = (entries: readonly CaseEntry[]): readonly (readonly string[])[] =>
  groupCases(entries, ownCases).map((group) =>
    group.entries.map(({ entry: { name }, isPreparation }) => (isPreparation ? `(${name})` : name)),
  );

t.test("cases that look for what others made are played with them, the rest alone", async (t) => {
  const names = ["AKLC-M-1-14", "SASED-M-1-14", "SASED-M-2-14", "SASED-M-3-14", "TL-M-1-14"];
  t.strictSame(namesOf(names.map((name) => entry(name))), [
    ["AKLC-M-1-14"],
    ["SASED-M-1-14", "SASED-M-2-14", "SASED-M-3-14"],
    ["TL-M-1-14"],
  ]);
});

t.test("what a missing case would have made is prepared by one of ours", async (t) => {
  t.strictSame(namesOf([entry("TL-M-1-14"), entry("TL-M-3-14")]), [["TL-M-1-14", "(TL-M-2-14)", "TL-M-3-14"]]);
});

t.test("versions are never mixed", async (t) => {
  t.strictSame(namesOf([entry("TL-M-1-13", "1.3"), entry("TL-M-3-14")]), [["TL-M-1-13"], ["(TL-M-2-14)", "TL-M-3-14"]]);
});
