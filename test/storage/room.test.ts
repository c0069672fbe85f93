import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { demandRoom } from "#storage/room.js";

const file = { client: "better-sqlite3", filename: join(tmpdir(), "database"), nodeId: "node-1" } as const;

t.test("a database file has room while its disk has more than is asked for", async (t) => {
  await demandRoom(file, 1);
  await t.rejects(demandRoom(file, Number.MAX_SAFE_INTEGER), { code: "full", message: /bytes are free/ });
});

t.test("the disk of a PostgreSQL cannot be looked at from here", async () => {
  await demandRoom({ client: "pg", host: "db", port: 5432, user: "u", database: "d", nodeId: "node-1" });
});
