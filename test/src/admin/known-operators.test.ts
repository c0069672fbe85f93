import t from "tap";
import { KnownOperators } from "#src/admin/known-operators.js";
import { StorageError } from "#storage/errors.js";
import type { OperatorRow } from "#storage/types.js";

const row = { name: "watcher", state: "active" } as OperatorRow;
const hour = 3_600_000;

function operators() {
  const state = { now: 0, isAway: false, row: row as OperatorRow | null };
  const byFingerprint = async (): Promise<OperatorRow | null> => {
    if (state.isAway) throw new StorageError("unavailable", "away");
    return state.row;
  };
  const read = { operators: { byFingerprint } } as unknown as ConstructorParameters<typeof KnownOperators>[0];
  return { state, known: new KnownOperators(read, () => state.now) };
}

t.test("while the database is away who was known shortly before may watch, and do nothing else", async (t) => {
  const { state, known } = operators();
  await known.find("a", "read");
  Object.assign(state, { isAway: true, now: hour });
  t.equal(await known.find("a", "watch"), row);
  state.now = 10 * hour;
  t.equal(await known.find("a", "watch"), row, "however long it is away");
  for (const permission of ["read", "change"] as const)
    await t.rejects(known.find("a", permission), { code: "unavailable" });
  await t.rejects(known.find("b", "watch"), { code: "unavailable" });
  t.equal(await known.find("b", "probe"), null);
});

t.test("who was not seen in the hour before may not", async (t) => {
  const { state, known } = operators();
  await known.find("a", "watch");
  Object.assign(state, { isAway: true, now: hour + 1 });
  await t.rejects(known.find("a", "watch"), { code: "unavailable" });
});

t.test("who is no operator any more is forgotten", async (t) => {
  const { state, known } = operators();
  await known.find("a", "watch");
  state.row = null;
  t.equal(await known.find("a", "watch"), null);
  state.isAway = true;
  await t.rejects(known.find("a", "watch"), { code: "unavailable" });
});
