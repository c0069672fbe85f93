import t from "tap";
import { ClockWatch } from "#src/administration/clock-watch.js";
import type { Occurrence } from "#src/audit/events/fold.js";
import { silentLog } from "#src/telemetry/log.js";
import { createMetrics } from "#src/telemetry/metrics.js";

function watched(): { watch: ClockWatch; clock: { wall: number; steady: number }; raised: Occurrence[] } {
  const clock = { wall: 1_800_000_000_000, steady: 5000 };
  const raised: Occurrence[] = [];
  const watch = new ClockWatch({
    log: silentLog(),
    metrics: createMetrics({ process: false }),
    raise: (occurrence) => void raised.push(occurrence),
    wall: () => clock.wall,
    steady: () => clock.steady,
  });
  return { watch, clock, raised };
}

const hour = 3_600_000;

t.test("a clock that goes, and one that is set gently, alarm nobody", async (t) => {
  const { watch, clock, raised } = watched();
  for (let second = 0; second < 100; second += 1) {
    clock.wall += 1000 + (second % 2 === 0 ? 500 : -400);
    clock.steady += 1000;
    watch.look();
  }
  t.same(raised, []);
  watch.stop();
});

t.test("a step back or forward by more than two seconds raises one event", async (t) => {
  const { watch, clock, raised } = watched();
  for (const step of [-2001, -2 * hour, 3000, 400 * 24 * hour]) {
    clock.wall += step;
    watch.look();
    watch.look();
  }
  t.same(
    raised.map(({ detail }) => detail?.["seconds"]),
    [-2, -7200, 3, 34_560_000],
  );
  t.ok(raised.every(({ kind }) => kind === "clock-stepped"));
  watch.stop();
});

t.test("time stands still for requests until a clock that was set back has caught up", async (t) => {
  const { watch, clock } = watched();
  const before = watch.wallMilliseconds();
  clock.wall -= 2 * hour;
  t.equal(watch.wallMilliseconds(), before);
  clock.wall += 2 * hour + 5;
  t.equal(watch.wallMilliseconds(), before + 5);
  watch.stop();
});

t.test("a clock that is set back by more than a day was wrong before, and is followed", async (t) => {
  const { watch, clock } = watched();
  const before = watch.wallMilliseconds();
  clock.wall += 400 * 24 * hour;
  t.equal(watch.wallMilliseconds(), before + 400 * 24 * hour);
  clock.wall -= 400 * 24 * hour;
  t.equal(watch.wallMilliseconds(), before);
  watch.stop();
});
