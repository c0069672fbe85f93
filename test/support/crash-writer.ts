/** Stores objects as fast as it can and prints the id of each whose commit was answered, until it is killed. */
import { writeSync } from "node:fs";
import { change } from "#storage/changes.js";
import { openDatabase } from "#storage/database.js";
import { auditRecord, newObject } from "./rows.js";

const [client, filename = ""] = process.argv.slice(2);
const database = await openDatabase({
  client: client === "sqlite3" ? "sqlite3" : "better-sqlite3",
  filename,
  nodeId: "node-1",
});

async function lane(): Promise<never> {
  while (true) {
    const object = newObject("tenant");
    await database.commit([
      change("objects", "create", object),
      change("audit", "append", auditRecord("tenant", { objectId: object.row.id })),
    ]);
    writeSync(1, `${object.row.id}\n`);
  }
}

await Promise.all(Array.from({ length: 8 }, lane));
