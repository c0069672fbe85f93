import { createHmac, randomUUID } from "node:crypto";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { AuditCheckpoints } from "#src/audit/checkpoints.js";
import { exportAudit } from "#src/audit/export.js";
import { type ChainReport, type VerifyOptions, verifyAudit } from "#src/audit/verify.js";
import { change } from "#storage/changes.js";
import type { Database } from "#storage/database.js";
import { type AuditPosition, serverChain } from "#storage/types.js";
import { onEveryDatabase, temporaryFolder } from "#test/support/databases.js";
import { auditRecord, tenantRow } from "#test/support/rows.js";
import { alter } from "#test/support/tamper.js";

const mac = (data: Buffer): Buffer => createHmac("sha256", "a key in a token").update(data).digest();
const sign = async (data: Buffer): Promise<Buffer> => mac(data);
const verifySignature = async (data: Buffer, signature: Buffer): Promise<boolean> => mac(data).equals(signature);

async function append(database: Database, tenantId: string, count: number): Promise<AuditPosition[]> {
  const records = Array.from({ length: count }, () => change("audit", "append", auditRecord(tenantId)));
  return [...(await database.commit(records))];
}

async function verify(database: Database, options: VerifyOptions): Promise<ChainReport[]> {
  const reports: ChainReport[] = [];
  for await (const report of verifyAudit(database.read, options)) reports.push(report);
  return reports;
}

await onEveryDatabase(t, async (t, { database, configuration }) => {
  /** A tenant with 10 rows, a checkpoint after the fourth and the eighth, and the file of these. */
  const tenantWithRows = async (t: Test): Promise<{ tenantId: string; checkpointFile: string }> => {
    const tenant = tenantRow();
    const checkpointFile = join(temporaryFolder(t), "checkpoints.jsonl");
    await database.commit([change("tenants", "create", tenant)]);
    const options = { database, nodeId: "node-1", sign, keyId: "k", file: checkpointFile };
    const checkpoints = await AuditCheckpoints.start(options);
    for (const count of [4, 4]) {
      await append(database, tenant.id, count);
      await checkpoints.flush();
    }
    await checkpoints.stop();
    await append(database, tenant.id, 2);
    return { tenantId: tenant.id, checkpointFile };
  };
  type Test = typeof t;

  await t.test("a whole chain is reported with its rows and checkpoints", async (t) => {
    const { tenantId, checkpointFile } = await tenantWithRows(t);
    t.same(await verify(database, { tenantId, checkpointFile, verifySignature }), [
      { tenantId, nodeId: "node-1", rows: 10, checkpoints: 2, fault: null },
    ]);
  });

  await t.test("a changed row is found", async (t) => {
    const { tenantId, checkpointFile } = await tenantWithRows(t);
    await alter(configuration, `update audit set outcome = 'failure' where tenant_id = '${tenantId}' and sequence = 6`);
    t.match(await verify(database, { tenantId, checkpointFile }), [
      { rows: 5, fault: { kind: "changed", sequence: 6 } },
    ]);
  });

  await t.test("a removed row is found", async (t) => {
    const { tenantId, checkpointFile } = await tenantWithRows(t);
    await alter(configuration, `delete from audit where tenant_id = '${tenantId}' and sequence = 3`);
    t.match(await verify(database, { tenantId, checkpointFile }), [
      { rows: 2, fault: { kind: "removed", sequence: 3 } },
    ]);
  });

  await t.test("rows that changed places are found", async (t) => {
    const { tenantId, checkpointFile } = await tenantWithRows(t);
    for (const [from, to] of [
      [5, 99],
      [6, 5],
      [99, 6],
    ]) {
      await alter(
        configuration,
        `update audit set sequence = ${to} where tenant_id = '${tenantId}' and sequence = ${from}`,
      );
    }
    t.match(await verify(database, { tenantId, checkpointFile }), [
      { rows: 4, fault: { kind: "changed", sequence: 5 } },
    ]);
  });

  await t.test("a tail cut off is found by the checkpoints in the database", async (t) => {
    const { tenantId } = await tenantWithRows(t);
    await alter(configuration, `delete from audit where tenant_id = '${tenantId}' and sequence > 6`);
    t.match(await verify(database, { tenantId }), [{ rows: 6, fault: { kind: "cut", sequence: 7 } }]);
  });

  await t.test("a chain of which nothing is left in the database is found by the file outside", async (t) => {
    const { tenantId, checkpointFile } = await tenantWithRows(t);
    await alter(configuration, `delete from audit where tenant_id = '${tenantId}'`);
    await alter(configuration, `delete from audit_checkpoints where tenant_id = '${tenantId}'`);
    t.same(await verify(database, { tenantId }), []);
    t.match(await verify(database, { tenantId, checkpointFile, verifySignature }), [
      { rows: 0, fault: { kind: "cut", sequence: 1 } },
    ]);
  });

  await t.test(
    "a chain that is not the one a checkpoint recorded is found, and so is a forged checkpoint",
    async (t) => {
      const { tenantId } = await tenantWithRows(t);
      const another = await tenantWithRows(t);
      const line = readFileSync(another.checkpointFile, "utf8").trim().split("\n").at(-1) ?? "";
      const checkpointFile = join(temporaryFolder(t), "checkpoints.jsonl");
      writeFileSync(checkpointFile, line.replace(another.tenantId, tenantId));
      t.match(await verify(database, { tenantId, checkpointFile }), [
        { rows: 7, fault: { kind: "rewritten", sequence: 8 } },
      ]);
      t.match(await verify(database, { tenantId, checkpointFile, verifySignature }), [
        { fault: { kind: "forged checkpoint", sequence: 8 } },
      ]);
    },
  );

  await t.test("a checkpoint that was altered is found by its signature", async (t) => {
    const { tenantId } = await tenantWithRows(t);
    await alter(
      configuration,
      `update audit_checkpoints set time_ms = 1 where tenant_id = '${tenantId}' and sequence = 4`,
    );
    t.match(await verify(database, { tenantId }), [{ fault: null }]);
    t.match(await verify(database, { tenantId, verifySignature }), [
      { fault: { kind: "forged checkpoint", sequence: 4 } },
    ]);
  });

  await t.test("a half-written last line of the file is passed over", async (t) => {
    const { tenantId, checkpointFile } = await tenantWithRows(t);
    appendFileSync(checkpointFile, '{"tenantId":"');
    t.match(await verify(database, { tenantId, checkpointFile, verifySignature }), [{ fault: null }]);
  });

  await t.test("a chain longer than a page is verified to its end", async (t) => {
    const tenantId = randomUUID();
    await append(database, tenantId, 2100);
    t.match(await verify(database, { tenantId }), [{ rows: 2100, fault: null }]);
    await alter(configuration, `update audit set detail = 'x' where tenant_id = '${tenantId}' and sequence = 2050`);
    t.match(await verify(database, { tenantId }), [{ rows: 2049, fault: { kind: "changed", sequence: 2050 } }]);
  });

  await t.test("rows of the audit trail can be neither changed nor deleted while the triggers stand", async (t) => {
    const { tenantId } = await tenantWithRows(t);
    for (const attack of ["update audit set outcome = 'x'", "delete from audit", "delete from audit_checkpoints"]) {
      await t.rejects(alter(configuration, attack, { triggers: true }), { code: "immutable" });
    }
    t.match(await verify(database, { tenantId }), [{ fault: null }]);
  });

  await t.test("a checkpoint is made when enough rows have come, and at the end", async (t) => {
    const tenant = tenantRow();
    await database.commit([change("tenants", "create", tenant)]);
    const file = join(temporaryFolder(t), "checkpoints.jsonl");
    const options = { database, nodeId: "node-1", sign, keyId: "k", file, everyRows: 5, everyMs: 3_600_000 };
    const checkpoints = await AuditCheckpoints.start(options);
    const sequences = async (): Promise<number[]> =>
      (await database.read.audit.checkpoints(tenant.id, "node-1", 0, 100)).map(({ sequence }) => sequence);
    for (const position of await append(database, tenant.id, 5)) checkpoints.observe(position);
    while ((await sequences()).length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    t.same(await sequences(), [5]);
    for (const position of await append(database, tenant.id, 2)) checkpoints.observe(position);
    await checkpoints.stop();
    t.same(await sequences(), [5, 7]);
    t.match(await verify(database, { tenantId: tenant.id, checkpointFile: file, verifySignature }), [{ fault: null }]);
  });

  await t.test("a signer that fails costs a checkpoint, not the next one", async (t) => {
    const file = join(temporaryFolder(t), "checkpoints.jsonl");
    let broken = true;
    const failing = async (data: Buffer): Promise<Buffer> => {
      if (broken) throw new Error("the token is gone");
      return sign(data);
    };
    const checkpoints = await AuditCheckpoints.start({ database, nodeId: "node-1", sign: failing, keyId: "k", file });
    await append(database, serverChain, 1);
    await t.rejects(checkpoints.flush(), { message: "the token is gone" });
    broken = false;
    await checkpoints.flush();
    await checkpoints.stop();
    t.match(readFileSync(file, "utf8"), `"tenantId":"${serverChain}"`);
  });

  await t.test("the export gives a line of JSON for each row, within the times asked for", async (t) => {
    const tenantId = randomUUID();
    await database.commit([1, 2, 3].map((timeMs) => change("audit", "append", auditRecord(tenantId, { timeMs }))));
    const lines: Record<string, unknown>[] = [];
    for await (const line of exportAudit(database.read, { tenantId, fromMs: 2 })) lines.push(JSON.parse(line));
    t.match(lines, [
      { time: "1970-01-01T00:00:00.002Z", tenantId, sequence: 2, operation: "Create", hash: /^[0-9a-f]{64}$/ },
      { time: "1970-01-01T00:00:00.003Z", tenantId, sequence: 3, outcome: "success" },
    ]);
    t.equal(lines.length, 2);
  });
});
