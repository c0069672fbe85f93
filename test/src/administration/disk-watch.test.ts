import t from "tap";
import { DiskWatch, type Space } from "#src/administration/disk-watch.js";
import type { Occurrence } from "#src/audit/events/fold.js";
import { loadConfiguration } from "#src/config/load.js";
import { silentLog } from "#src/telemetry/log.js";
import { createMetrics } from "#src/telemetry/metrics.js";

const mebibyte = 1024 * 1024;

async function watched(space: { current: Space | null }) {
  const raised: Occurrence[] = [];
  const metrics = createMetrics({ process: false });
  const watch = await DiskWatch.start({
    configuration: loadConfiguration({ environment: { KEYREEVE_HOME: "/nowhere" } }),
    log: silentLog(),
    metrics,
    raise: (occurrence) => void raised.push(occurrence),
    spaceOf: async (folder) => {
      if (!folder.endsWith("hsm")) return { free: 2 ** 40, size: 2 ** 40 };
      if (space.current === null) throw new Error("no such folder");
      return space.current;
    },
  });
  return { watch, raised, metrics };
}

t.test("a small disk is judged by its share of free space, and each change is told once", async (t) => {
  const size = 1000 * mebibyte;
  const space = { current: { free: 0.5 * size, size } };
  const { watch, raised, metrics } = await watched(space);
  for (const share of [0.5, 0.19, 0.19, 0.204, 0.09, 0.08, 0.104, 0.12, 0.3]) {
    space.current = { free: share * size, size };
    await watch.look();
    t.equal(watch.isReserved, [0.09, 0.08, 0.104].includes(share), `${share}`);
  }
  t.same(
    raised.map(({ kind }) => kind),
    ["disk-low", "disk-reserved", "disk-low", "disk-ample"],
  );
  t.equal(raised[0]?.detail?.["place"], "tokens");
  t.match((await metrics.exposition()).text, /keyreeve_disk_free_bytes\{place="tokens"\} 314572800/);
  watch.stop();
});

t.test("of a large disk a fixed space is enough", async (t) => {
  const size = 10 * 2 ** 40;
  const space = { current: { free: 6 * 1024 * mebibyte, size } };
  const { watch, raised } = await watched(space);
  t.same(raised, []);
  space.current = { free: 1000 * mebibyte, size };
  await watch.look();
  t.equal(watch.isReserved, true);
  watch.stop();
});

t.test("what stood of a disk that cannot be read any more counts on", async (t) => {
  const space: { current: Space | null } = { current: { free: 1, size: 2 ** 40 } };
  const { watch, raised } = await watched(space);
  space.current = null;
  await watch.look();
  t.equal(watch.isReserved, true);
  t.equal(raised.length, 1);
  watch.stop();
});
