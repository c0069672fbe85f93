import { test } from "tap";
import { createHealth } from "#src/telemetry/health.js";

const impatient = { timeoutMilliseconds: 20, reuseMilliseconds: 0 };

test("a server without checks is healthy", async (t) => {
  t.same(await createHealth().report("ready"), { healthy: true, findings: [] });
});

test("one failing check makes the report unhealthy and says why", async (t) => {
  const health = createHealth(impatient);
  health.register("database", "ready", async () => {});
  health.register("hsm", "ready", async () => {
    throw new Error("the partition does not answer");
  });
  const { healthy, findings } = await health.report("ready");
  t.notOk(healthy);
  t.match(findings, [
    { name: "database", healthy: true, reason: null },
    { name: "hsm", healthy: false, reason: "the partition does not answer" },
  ]);
});

test("live and ready have checks of their own", async (t) => {
  const health = createHealth(impatient);
  health.register("database", "ready", () => Promise.reject(new Error("gone")));
  t.ok((await health.report("live")).healthy);
  t.notOk((await health.report("ready")).healthy);
});

test("a check that says nothing in time has failed", async (t) => {
  const health = createHealth(impatient);
  health.register("hsm", "live", () => new Promise(() => {}));
  t.match((await health.report("live")).findings, [{ healthy: false, reason: /no answer within 20 ms/ }]);
});

test("a check that throws at once has failed", async (t) => {
  const health = createHealth(impatient);
  health.register("hsm", "live", () => {
    throw new Error("broken");
  });
  t.match((await health.report("live")).findings, [{ healthy: false, reason: "broken" }]);
});

test("probes at the same time share one finding", async (t) => {
  const health = createHealth({ timeoutMilliseconds: 1000, reuseMilliseconds: 60_000 });
  let calls = 0;
  health.register("hsm", "ready", async () => {
    calls += 1;
  });
  await Promise.all([health.report("ready"), health.report("ready"), health.report("ready")]);
  await health.report("ready");
  t.equal(calls, 1);
});

test("a check that recovers makes the server healthy again", async (t) => {
  const health = createHealth(impatient);
  let broken = true;
  health.register("hsm", "ready", async () => {
    if (broken) throw new Error("broken");
  });
  t.notOk((await health.report("ready")).healthy);
  broken = false;
  t.ok((await health.report("ready")).healthy);
});

test("a stopping server is live but not ready", async (t) => {
  const health = createHealth(impatient);
  health.stopping();
  t.ok((await health.report("live")).healthy);
  t.match(await health.report("ready"), { healthy: false, findings: [{ name: "server", healthy: false }] });
});

test("names of checks are unique until they are unregistered", async (t) => {
  const health = createHealth(impatient);
  const check = async () => {};
  health.register("hsm", "live", check);
  t.throws(() => health.register("hsm", "ready", check), /registered already/);
  health.unregister("hsm");
  t.doesNotThrow(() => health.register("hsm", "ready", check));
});
