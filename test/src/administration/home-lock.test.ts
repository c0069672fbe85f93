import { spawn } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import { join } from "node:path";
import { test } from "tap";
import { HomeBusyError, lockHome } from "#src/administration/home-lock.js";

const filesIn = (folder: string) => ({
  lockFile: join(folder, "keyreeve.lock"),
  processFile: join(folder, "keyreeve.pid"),
});

test("a data directory that is held is held for nobody else, this process included", async (t) => {
  const files = filesIn(t.testdir());
  const lock = await lockHome(files);
  await t.rejects(lockHome(files), new HomeBusyError(String(process.pid)));
  await lock.release();
  await (await lockHome(files)).release();
});

test("of many that want a data directory at once, one gets it", async (t) => {
  const files = filesIn(t.testdir());
  const outcomes = await Promise.allSettled(Array.from({ length: 4 }, () => lockHome(files)));
  t.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
});

test("what another process holds is free when that process is killed", async (t) => {
  const files = filesIn(t.testdir());
  const program = `
    const { lockHome } = await import(${JSON.stringify(import.meta.resolve("#src/administration/home-lock.js"))});
    await lockHome(${JSON.stringify(files)});
    process.stdout.write("held");
    setInterval(() => undefined, 1000);`;
  const holder = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(holder.stdout, "data");
  await t.rejects(lockHome(files), new HomeBusyError(String(holder.pid)));
  holder.kill("SIGKILL");
  await once(holder, "exit");
  const lock = await lockHome(files);
  await lock.release();
});

test("the files of the lock are their owner's alone", async (t) => {
  const files = filesIn(t.testdir());
  await lockHome(files);
  for (const file of Object.values(files)) t.equal(statSync(file).mode & 0o777, 0o600, file);
});
