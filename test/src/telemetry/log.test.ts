import { test } from "tap";
import { createLog, type Log, silentLog } from "#src/telemetry/log.js";

function recordingLog(format: "json" | "text" | "auto", isTTY = false): { log: Log; lines: string[] } {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line), isTTY };
  return { log: createLog({ level: "info", format, destination: "stderr" }, destination), lines };
}

function fieldsOf(line: string | undefined): Record<string, unknown> {
  return JSON.parse(line ?? "{}");
}

test("a line is one JSON object with level, UTC time, message and fields", async (t) => {
  const { log, lines } = recordingLog("json");
  log.info({ connectionId: "c-1", port: 5696 }, "connection accepted");
  t.equal(lines.length, 1);
  const { time, ...fields } = fieldsOf(lines[0]);
  t.same(fields, { level: "info", message: "connection accepted", connectionId: "c-1", port: 5696 });
  t.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test("lines below the level are not written", async (t) => {
  const { log, lines } = recordingLog("json");
  log.debug({}, "detail");
  t.same(lines, []);
});

test("a child adds its fields to every line", async (t) => {
  const { log, lines } = recordingLog("json");
  log.child({ connectionId: "c-1" }).child({ correlationId: "r-2" }).warn({ items: 3 }, "slow");
  t.match(fieldsOf(lines[0]), { connectionId: "c-1", correlationId: "r-2", items: 3 });
});

test("values under secret names are withheld wherever they stand", async (t) => {
  const { log, lines } = recordingLog("json");
  const secrets = {
    password: "hunter2",
    rootPin: "1234hunter2",
    nested: [{ userPassword: "hunter2" }],
    keyMaterial: "hunter2",
  };
  log.info(secrets, "x");
  log.child(secrets).info({}, "y");
  t.equal(lines.length, 2);
  for (const line of lines) t.notMatch(line, /hunter2/);
});

test("names that only resemble secret ones are written", async (t) => {
  const { log, lines } = recordingLog("json");
  log.info({ pinned: true, keyId: "k", passwordFile: "/run/secret" }, "x");
  t.match(fieldsOf(lines[0]), { pinned: true, keyId: "k", passwordFile: "/run/secret" });
});

test("binary values become their length", async (t) => {
  const { log, lines } = recordingLog("json");
  log.info({ blob: Buffer.from("hunter2"), deep: { list: [new Uint8Array(3)] }, view: new ArrayBuffer(9) }, "x");
  t.match(fieldsOf(lines[0]), { blob: "[7 bytes]", deep: { list: ["[3 bytes]"] }, view: "[9 bytes]" });
});

test("an error gives its name, code, stack and cause, and no other field", async (t) => {
  const { log, lines } = recordingLog("json");
  const error = Object.assign(new TypeError("outer", { cause: new Error("inner") }), { code: "E_X", query: "hunter2" });
  log.error({ error }, "failed");
  t.match(fieldsOf(lines[0]), {
    error: { type: "TypeError", message: "outer", code: "E_X", stack: /outer/, cause: { message: "inner" } },
  });
  t.notMatch(lines[0], /hunter2/);
});

test("values that JSON cannot carry do not stop a line", async (t) => {
  const { log, lines } = recordingLog("json");
  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  log.info({ big: 2n ** 64n, cycle, call: () => 1, when: new Date(Number.NaN), map: new Map([[1, 2]]) }, "x");
  t.match(fieldsOf(lines[0]), {
    big: "18446744073709551616",
    call: "[function]",
    when: "[no date]",
    map: "[1 entries]",
  });
});

test("text lines carry time, level, message and facts", async (t) => {
  const { log, lines } = recordingLog("text");
  log.warn({ tenant: "demo", name: "two words", error: new Error("broken") }, "refused");
  t.match(lines[0], /^\d\d:\d\d:\d\d\.\d{3} WARN {2}refused {2}tenant=demo {2}name="two words" {2}error=.*broken/);
  t.match(lines[0], /\n\s+at /, "the stack stands below");
});

test("control characters cannot forge a text line", async (t) => {
  const { log, lines } = recordingLog("text");
  log.info({ name: "a\nb\u001b[2J" }, "hello\n00:00:00.000 ERROR forged\u001b[31m");
  t.equal(lines[0]?.trimEnd().split("\n").length, 1);
  t.notOk(lines[0]?.includes("\u001b"));
});

test("auto is text on a terminal and JSON elsewhere", async (t) => {
  const terminal = recordingLog("auto", true);
  terminal.log.info({}, "hello");
  t.match(terminal.lines[0], /INFO {2}hello/);
  const pipe = recordingLog("auto", false);
  pipe.log.info({}, "hello");
  t.equal(fieldsOf(pipe.lines[0])["message"], "hello");
});

test("the silent log takes every level", async (t) => {
  t.doesNotThrow(() => silentLog().child({ a: 1 }).fatal({}, "nothing"));
});
