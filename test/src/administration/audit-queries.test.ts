import { randomUUID } from "node:crypto";
import { test } from "tap";
import { auditFilter } from "#src/administration/audit-queries.js";
import type { Database } from "#storage/database.js";

const now = Date.UTC(2026, 0, 31, 12);
/** No query below names a tenant, so that nothing is read. */
const read = {} as Database["read"];

test("times are ISO 8601, in UTC where they name no zone, or say how long ago", async (t) => {
  const times: readonly (readonly [string, string])[] = [
    ["2026-01-30", "2026-01-30T00:00:00.000Z"],
    ["2026-01-30T08:15", "2026-01-30T08:15:00.000Z"],
    ["2026-01-30T08:15:30.5Z", "2026-01-30T08:15:30.500Z"],
    ["2026-01-30T08:15:30+02:00", "2026-01-30T06:15:30.000Z"],
    ["90s", "2026-01-31T11:58:30.000Z"],
    ["30m", "2026-01-31T11:30:00.000Z"],
    ["12h", "2026-01-31T00:00:00.000Z"],
    ["7d", "2026-01-24T12:00:00.000Z"],
  ];
  for (const [text, expected] of times) {
    const { fromMs = 0 } = await auditFilter(read, { since: text }, now);
    t.equal(new Date(fromMs).toISOString(), expected, text);
  }
});

test("what is no time is refused", async (t) => {
  for (const since of ["yesterday", "", "2026", "2026-13-40", "31/01/2026", "-1h", "1w", "2026-01-31T"]) {
    await t.rejects(auditFilter(read, { since }, now), { code: "invalid", message: /^since is a time/ }, since);
  }
});

test("a client is meant by its identifier or by its name", async (t) => {
  const clientId = randomUUID();
  t.same(await auditFilter(read, { client: clientId }, now), { clientId });
  t.same(await auditFilter(read, { client: "backup" }, now), { clientName: "backup" });
});
