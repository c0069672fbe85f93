import t from "tap";
import { Availability, type Outage } from "#storage/availability.js";
import { StorageError, type StorageErrorCode } from "#storage/errors.js";

interface Told {
  readonly availability: Availability;
  readonly outages: (Outage | null)[];
  readonly abandoned: StorageError[];
  /** What trials fail with; null where they succeed. */
  readonly trials: { write: StorageErrorCode | null; read: StorageErrorCode | null };
  /** Whether each trial to write was of something large. */
  readonly sizes: boolean[];
}

function availabilityOf(write: StorageErrorCode | null, read: StorageErrorCode | null): Told {
  const trials = { write, read };
  const outages: (Outage | null)[] = [];
  const abandoned: StorageError[] = [];
  const sizes: boolean[] = [];
  const attempt = async (code: StorageErrorCode | null): Promise<void> => {
    if (code !== null) throw new StorageError(code, "a trial failed");
  };
  const availability = new Availability({
    tryWrite: (isLarge) => {
      sizes.push(isLarge);
      return attempt(trials.write);
    },
    tryRead: () => attempt(trials.read),
    abandon: (error) => void abandoned.push(error),
    observe: (outage) => void outages.push(outage),
  });
  return { availability, outages, abandoned, trials, sizes };
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

t.test("after a commit that the database did not take, all are refused until a trial succeeds", async (t) => {
  const { availability, outages, trials, sizes } = availabilityOf("full", null);
  availability.commitFailed(new StorageError("full", "no space"));
  t.match(availability.refusal, { code: "full", isForeseen: true });
  await turns();
  t.equal(availability.readRefusal, undefined, "what can be read is read");
  t.same(
    outages.map((outage) => outage?.isConfirmed),
    [false, true],
  );
  trials.write = null;
  while (availability.refusal !== undefined) await new Promise((resolve) => setTimeout(resolve, 50));
  t.equal(outages.at(-1), null);
  t.equal(outages.length, 3, "each is told once");
  t.ok(sizes.every(Boolean), "where space was short, much is tried to be written");
  availability.stop();
});

t.test("one commit that failed while the database is well is no outage", async (t) => {
  const { availability, outages, sizes } = availabilityOf(null, null);
  availability.commitFailed(new StorageError("unavailable", "deadlock"));
  await turns();
  t.same(sizes, [false]);
  t.equal(availability.refusal, undefined);
  t.ok(outages.every((outage) => outage?.isConfirmed !== true));
  availability.stop();
});

t.test("errors of one commit alone say nothing of the database", async (t) => {
  const { availability, outages } = availabilityOf("full", "unavailable");
  for (const code of ["conflict", "duplicate", "overloaded", "internal"] as const) {
    availability.commitFailed(new StorageError(code, "of its own"));
  }
  await turns();
  t.same(outages, []);
  availability.stop();
});

t.test("a read that failed has the database tried, and what waits is let go where that fails too", async (t) => {
  const { availability, abandoned } = availabilityOf("unavailable", "unavailable");
  availability.readFailed(new StorageError("unavailable", "no answer"));
  t.equal(availability.refusal, undefined, "a slow read alone refuses nobody");
  await turns();
  t.equal(availability.refusal?.code, "unavailable");
  t.equal(availability.readRefusal?.code, "unavailable");
  t.equal(abandoned.length, 1);
  availability.stop();
});

t.test("a read that failed while the database is well refuses nobody", async (t) => {
  const { availability, outages } = availabilityOf(null, null);
  availability.readFailed(new StorageError("unavailable", "statement timeout"));
  await turns();
  t.same(outages, []);
  availability.stop();
});
