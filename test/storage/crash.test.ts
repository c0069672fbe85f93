import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import { verifyAudit } from "#src/audit/verify.js";
import { openDatabase } from "#storage/database.js";
import { temporaryFolder } from "#test/support/databases.js";

const writer = fileURLToPath(new URL("../support/crash-writer.js", import.meta.url));

/** Runs the writer until it has had `count` answers, kills it, and gives the ids answered. */
async function killedWriter(client: string, filename: string, count: number): Promise<string[]> {
  const child = spawn(process.execPath, [writer, client, filename], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    if (output.split("\n").length > count) child.kill("SIGKILL");
  });
  await new Promise((resolve) => child.once("close", resolve));
  return output.split("\n").slice(0, -1);
}

for (const client of ["better-sqlite3", "sqlite3"] as const) {
  await t.test(`${client}: a process killed in the middle of its writes loses nothing it answered`, async (t) => {
    const filename = join(temporaryFolder(t), "test.db");
    const answered: string[] = [];
    for (const count of [40, 150]) answered.push(...(await killedWriter(client, filename, count)));
    const database = await openDatabase({ client, filename, nodeId: "node-1" });
    t.ok(answered.length >= 190);
    t.equal((await database.read.objects.byIds("tenant", answered)).length, answered.length);
    const audited = new Set(
      (await database.read.audit.list({ tenantId: "tenant" }, 10_000)).map((row) => row.objectId),
    );
    t.ok(answered.every((id) => audited.has(id)));
    for await (const { fault, rows } of verifyAudit(database.read)) t.same([fault, rows], [null, audited.size]);
    await database.close();
  });
}
