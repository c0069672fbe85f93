import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import t from "tap";
import { Operation } from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import { actionsOf, aesKey, nameOf } from "#test/support/kmip-actions.js";
import { connectTo, startTestServer } from "#test/support/server.js";
import { DatabaseView } from "#test/torture/load/database-view.js";
import { askMarked } from "#test/torture/load/marked-request.js";
import { type Injection, Strace, straceIsMissing } from "#test/torture/points/strace.js";

t.setTimeout(550_000);

const missing = straceIsMissing();

const failures: readonly Injection[] = [
  { syscall: "fsync", effect: "EIO", when: 1 },
  { syscall: "pwrite64", effect: "EIO", when: 1 },
  { syscall: "pwrite64", effect: "ENOSPC", when: 2 },
];

t.test("a request whose commit meets an error of the disk", { skip: missing ?? false }, async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const client = await connectTo(server);
  t.teardown(() => client.close());
  const filename = join(server.home, "keyreeve.db");
  const { create, locate } = actionsOf(client, V2_1);

  const outcomes = (mark: string): Promise<readonly string[]> =>
    DatabaseView.look({ client: "better-sqlite3", filename, nodeId: "looks" }, async (view) =>
      (await view.newAudit(new Map())).filter((record) => record.mark === mark).map(({ outcome }) => outcome),
    );
  const untilServed = async (): Promise<void> => {
    while ((await create().catch(() => undefined)) === undefined) await pause(50);
  };

  for (const injection of failures) {
    const mark = `${injection.syscall} ${injection.effect}`;
    await t.test(`has one end at most, that which it is told, after ${mark}`, async (t) => {
      await untilServed();
      const strace = await Strace.attach(
        { processes: [server.process.pid ?? 0], paths: [`${filename}-wal`] },
        [],
        injection,
      );
      const answered = await askMarked(client, mark, {
        version: V2_1,
        operation: Operation.Create,
        payload: aesKey(nameOf(mark)),
      });
      const met = strace.met();
      await strace.detach();
      await untilServed();
      t.equal(met > 0, true, "the call failed");
      const [outcome = "none", ...more] = await outcomes(mark);
      t.same(more, []);
      t.not(answered.outcome, "unknown", "the database is back at once");
      t.equal(
        outcome === "success",
        answered.outcome === "acknowledged",
        `${outcome}, told ${JSON.stringify(answered)}`,
      );
      t.equal((await locate(nameOf(mark))).length, outcome === "success" ? 1 : 0);
    });
  }
});
