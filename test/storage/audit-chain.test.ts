import { createHash } from "node:crypto";
import t from "tap";
import {
  auditHash,
  chainStart,
  emptyChainHash,
  encodeAuditRow,
  followChain,
  nextAuditRow,
} from "#storage/audit-chain.js";
import type { AuditRow } from "#storage/types.js";
import { auditRecord } from "#test/support/rows.js";

function chain(length: number): AuditRow[] {
  const rows: AuditRow[] = [];
  for (let index = 0; index < length; index += 1) rows.push(nextAuditRow(auditRecord("t"), "n", rows.at(-1) ?? null));
  return rows;
}

await t.test("the encoding of a row is the documented one, byte for byte", async (t) => {
  const row = {
    ...auditRecord("t", { eventId: "é", timeMs: 258 }),
    clientId: null,
    clientName: null,
    certificateFingerprint: null,
    sourceAddress: null,
    protocolVersion: "",
    operation: "Get",
    objectId: null,
    partition: null,
    outcome: "ok",
    durationMicroseconds: null,
    nodeId: "n",
    sequence: 1,
    previousHash: emptyChainHash,
  };
  const text = (value: string): string => {
    const bytes = Buffer.from(value);
    return bytes.length.toString(16).padStart(8, "0") + bytes.toString("hex");
  };
  const absent = "ffffffff";
  const expected = [
    "01",
    "00".repeat(32),
    text("t"),
    text("n"),
    "000000080000000000000001",
    "000000080000000000000102",
    text("é"),
    absent.repeat(4),
    "00000000",
    text("Get"),
    absent.repeat(2),
    text("ok"),
    absent.repeat(4),
  ].join("");
  t.equal(encodeAuditRow(row).toString("hex"), expected);
  t.same(auditHash(row), createHash("sha256").update(Buffer.from(expected, "hex")).digest());
});

await t.test("the hash depends on every field", async (t) => {
  const [row] = chain(1);
  if (row === undefined) throw new Error("no row");
  for (const field of Object.keys(row) as (keyof AuditRow)[]) {
    if (field === "hash") continue;
    const value = row[field];
    const other = typeof value === "number" ? value + 1 : Buffer.isBuffer(value) ? Buffer.alloc(32, 1) : `${value}x`;
    t.notOk(auditHash({ ...row, [field]: other }).equals(row.hash), field);
  }
});

await t.test("a field moved into its neighbour changes the hash", async (t) => {
  const one = nextAuditRow(auditRecord("t", { eventId: "e", clientId: "ab", clientName: "c" }), "n", null);
  const other = nextAuditRow(auditRecord("t", { eventId: "e", clientId: "a", clientName: "bc" }), "n", null);
  t.notOk(one.hash.equals(other.hash));
});

await t.test("null and empty text hash differently", async (t) => {
  const one = nextAuditRow(auditRecord("t", { eventId: "e", objectId: "o", detail: null }), "n", null);
  const other = nextAuditRow(auditRecord("t", { eventId: "e", objectId: "o", detail: "" }), "n", null);
  t.notOk(one.hash.equals(other.hash));
});

await t.test("a whole chain is followed to its end, also in pieces", async (t) => {
  const rows = chain(10);
  const first = followChain(rows.slice(0, 4), chainStart, []);
  const rest = followChain(rows.slice(4), first.progress, rows);
  t.same([first.fault, rest.fault, rest.progress.sequence], [null, null, 10]);
});

await t.test("each kind of damage is found at its first row", async (t) => {
  const rows = chain(6);
  const fault = (damaged: readonly (AuditRow | undefined)[], marks: readonly AuditRow[] = []) =>
    followChain(
      damaged.filter((row) => row !== undefined),
      chainStart,
      marks,
    ).fault;
  const at = (index: number, changes: Partial<AuditRow>) =>
    rows.map((row, position) => (position === index ? { ...row, ...changes } : row));
  t.same(fault(at(2, { outcome: "failure" })), { kind: "changed", sequence: 3 });
  t.same(fault([...rows.slice(0, 2), ...rows.slice(3)]), { kind: "removed", sequence: 3 });
  t.same(fault(rows.slice(1)), { kind: "removed", sequence: 1 });
  const swapped = [...rows.slice(0, 2), rows[3], rows[2], ...rows.slice(4)].map(
    (row, index) => row && { ...row, sequence: index + 1 },
  );
  t.same(fault(swapped), { kind: "changed", sequence: 3 });
  const third = { ...rows[2], previousHash: Buffer.alloc(32, 9) } as AuditRow;
  t.same(fault(at(2, { previousHash: third.previousHash, hash: auditHash(third) })), { kind: "unlinked", sequence: 3 });
  t.same(fault(chain(6), rows.slice(3, 4)), { kind: "rewritten", sequence: 4 });
});
