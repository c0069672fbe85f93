import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { HomeBusyError, holderOf, lockHome } from "#src/administration/home-lock.js";

test("a data directory that is held is held for nobody else, this process included", async (t) => {
  const file = join(t.testdir(), "keyreeve.lock");
  const lock = await lockHome(file);
  t.equal(await holderOf(file), process.pid);
  await t.rejects(lockHome(file), new HomeBusyError(process.pid));
  await lock.release();
  t.equal(await holderOf(file), undefined);
  await (await lockHome(file)).release();
});

test("a lock names its process by more than its number", async (t) => {
  const file = join(t.testdir(), "keyreeve.lock");
  await lockHome(file);
  const [number, started = "", boot] = readFileSync(file, "utf8").split(" ");
  t.equal(number, String(process.pid));
  // After a restart of the machine, or of a container, somebody else has that number.
  for (const other of [`${number} ${Number(started) - 1} ${boot}`, `${number} ${started} another-boot`, `${number}`]) {
    writeFileSync(file, other);
    t.equal(await holderOf(file), undefined, other);
  }
  await t.resolves(lockHome(file));
});

test("the lock of a process that died is taken over", async (t) => {
  const folder = t.testdir();
  const file = join(folder, "keyreeve.lock");
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  writeFileSync(file, `${child.pid} 1 2`);
  const lock = await lockHome(file);
  t.equal(await holderOf(file), process.pid);
  t.same(readdirSync(folder), ["keyreeve.lock"]);
  await lock.release();
});

test("of many that want a data directory at once, with a dead lock in it, one gets it", async (t) => {
  const file = join(t.testdir({ "keyreeve.lock": "999999999 1 2" }), "keyreeve.lock");
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => lockHome(file)));
  t.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
});
