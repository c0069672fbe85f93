import t from "tap";
import { failureOf } from "#src/pipeline/failure.js";
import { StorageError } from "#storage/errors.js";

t.test(
  "of an outage of the database the log hears once, not with every request that it keeps from being served",
  async (t) => {
    const met = failureOf(new StorageError("unavailable", "away"), "id");
    const foreseen = failureOf(new StorageError("unavailable", "away", { isForeseen: true }), "id");
    t.equal(met.severity, "fault");
    t.equal(foreseen.severity, "known");
    t.equal(foreseen.error.message, met.error.message, "clients are told the same");
    t.equal(foreseen.error.reason, met.error.reason);
  },
);

t.test("an interrupted commit is told of, whatever is known", async (t) => {
  const open = new StorageError("unavailable", "cut", { outcomeUnknown: true, isForeseen: true });
  t.equal(failureOf(open, "id").severity, "fault");
});
