import t from "tap";
import { resultOf } from "#test/harness/output.js";
import { parts } from "./parts.js";

t.setTimeout(300_000);

const reason = parts["disks"]?.obstacle() ?? null;
const skip = reason === null ? false : `DISKS CANNOT FAIL HERE, THIS DID NOT RUN: ${reason}`;

t.test("a disk that fills costs nothing that was acknowledged, and is overcome", { skip }, async (t) => {
  const args = ["--part", "disks", "--fault", "full", "--ignore-time"];
  const { passed, checks, done } = await resultOf("torture/storage", args);
  t.same(
    checks.filter(({ holds }) => !holds),
    [],
  );
  t.ok(passed);
  t.ok((done["faults"] ?? 0) >= 2);
});
