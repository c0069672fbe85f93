import { spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import t from "tap";
import { takeDroppedLines } from "#src/telemetry/bounded-lines.js";
import { createLog } from "#src/telemetry/log.js";

interface FakeStream {
  readonly lines: string[];
  writableLength: number;
  write(line: string): void;
  on(event: "error", listener: () => void): void;
  fail: () => void;
}

function fakeStream(): FakeStream {
  const stream: FakeStream = {
    lines: [],
    writableLength: 0,
    write: (line) => void stream.lines.push(line),
    on: (_event, listener) => {
      stream.fail = listener;
    },
    fail: () => undefined,
  };
  return stream;
}

t.test("lines that nobody takes are dropped, and a line says how many when they are taken again", async (t) => {
  for (const format of ["json", "text"] as const) {
    const stream = fakeStream();
    const log = createLog({ level: "info", format, destination: "stderr" }, stream);
    log.info({}, "first");
    stream.writableLength = 5 * 1024 * 1024;
    for (let count = 0; count < 1000; count += 1) log.info({}, "lost");
    t.equal(stream.lines.length, 1, "nothing more is kept in memory");
    stream.writableLength = 0;
    log.info({}, "last");
    t.equal(stream.lines.length, 3);
    t.match(stream.lines[1], /1000/);
    t.match(stream.lines[1], /dropped/);
    t.match(stream.lines[2], /last/);
  }
});

t.test("a reader that is gone does not end whoever writes", async (t) => {
  const stream = fakeStream();
  const log = createLog({ level: "info", format: "json", destination: "stderr" }, stream);
  log.info({}, "into the void");
  stream.fail();
  log.info({}, "again");
  t.match(stream.lines[1], /dropped/);
  t.match(stream.lines[2], /again/);
});

t.test("dropped lines are told for the metrics, each once", async (t) => {
  const stream = fakeStream();
  const log = createLog({ level: "info", format: "json", destination: "stderr" }, stream);
  takeDroppedLines();
  stream.writableLength = 5 * 1024 * 1024;
  log.info({}, "lost");
  log.child({ of: "it" }).info({}, "lost, too");
  t.equal(takeDroppedLines(), 2);
  stream.fail();
  t.equal(takeDroppedLines(), 1);
  t.equal(takeDroppedLines(), 0);
});

t.test("a disk that is full ends nobody who logs to a file on it, and what it did not take is counted", async (t) => {
  const [lines, logs] = ["bounded-lines", "log"].map((name) => import.meta.resolve(`#src/telemetry/${name}.js`));
  const program = `
    const { takeDroppedLines } = await import(${JSON.stringify(lines)});
    const { createLog } = await import(${JSON.stringify(logs)});
    const log = createLog({ level: "info", format: "json", destination: "stderr" });
    for (let count = 0; count < 3; count += 1) {
      log.info({}, "lost");
      await new Promise((resolve) => setImmediate(resolve));
    }
    console.log(takeDroppedLines());`;
  const full = openSync("/dev/full", "w");
  const { status, stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", full],
    encoding: "utf8",
  });
  closeSync(full);
  t.equal(status, 0);
  t.ok(Number(stdout) >= 3, stdout);
});
