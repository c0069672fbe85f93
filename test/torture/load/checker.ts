import type { RemoteAdministration } from "#src/admin/client.js";
import type { DatabaseConfiguration } from "#storage/configuration.js";
import { SeededRandom } from "#test/fuzz/random.js";
import { KmipClient } from "#test/support/kmip-client.js";
import { endOf, operatorOf } from "#test/support/operator.js";
import { DatabaseView } from "./database-view.js";
import type { Finding } from "./finding.js";
import type { JournalMark } from "./journal.js";
import { AuditOfRequests } from "./judge-audit.js";
import { judgeKey } from "./judge-key.js";
import { type KeyRecord, Ledger, type LoadCounts } from "./ledger.js";
import { plaintextIn, plaintextUnder } from "./plaintext-search.js";
import type { LoadTenant } from "./tenants.js";

/** A server that is checked: it serves, and no load is on it. */
export interface CheckedServer {
  readonly home: string;
  /** Where else things are stored that no plaintext may be in, such as the folder of its database. */
  readonly folders?: readonly string[];
  readonly kmipPort: number;
  readonly adminPort: number;
  readonly database: DatabaseConfiguration;
  readonly tenants: readonly LoadTenant[];
  /** What it wrote to standard output and standard error. */
  readonly output?: () => string;
}

/** How much is checked. */
export interface CheckExtent {
  /**
   * Of the keys that nothing was done with since the last check, how many are drawn to be checked too; `all` checks
   * every key, holds all objects against the journals, and looks for plaintext in all files.
   */
  readonly older: number | "all";
  /** Whether the audit chains are verified from their beginning; true where absent. */
  readonly audit?: boolean;
  /** Whether `keyreeve integrity scan` is run for each tenant, and whether it opens every key; "deep" where absent. */
  readonly scan?: "no" | "sample" | "deep";
  /**
   * Whether the scans remove what the making of a key left in a token that a crash cut off: then it is no finding, but
   * counted. A whole key of nobody stays one.
   */
  readonly repair?: boolean;
  /**
   * Whether nothing may be left begun in a token, as after a start; true where absent. In a server that went on, what a
   * fault cut off is settled by the sweep only.
   */
  readonly isSettled?: boolean;
}

/** What a check came to. */
export interface CheckReport {
  readonly findings: readonly Finding[];
  readonly keys: number;
  readonly requests: number;
  /** Requests of unknown outcome that turned out to be done, and that turned out not to be. */
  readonly doneAfterAll: number;
  readonly notDone: number;
  /** Incomplete keys that scans removed from tokens. */
  readonly repaired: number;
  /** Audit chains that were verified from their beginning. */
  readonly chains: number;
  /** Whether all objects there are were held against the journals, and all files were looked through for plaintext. */
  readonly isWhole: boolean;
  /** Requests so far, by what became of them. */
  readonly counts: LoadCounts;
}

/** How far the journals reached before a copy was begun and when it was made, and at an earlier moment. */
export interface CopyMarks {
  readonly since: JournalMark;
  readonly before: JournalMark;
  readonly after: JournalMark;
}

/** How scans call what is left of a key whose making was cut off. */
const incomplete = "incomplete token object ";

/** Connections over which the keys of a tenant are asked for. */
const connectionsPerTenant = 3;

/**
 * Checks after a fault that a server is as the journals of the load say: the invariants of `finding.ts`. It goes on from
 * one check to the next, so that each looks at what was done since, and at some of what was done before.
 */
export class Checker {
  private readonly ledger: Ledger;
  private readonly audit = new AuditOfRequests();
  private readonly auditRead = new Map<string, number>();
  private readonly random: SeededRandom;

  private constructor(ledger: Ledger, seed: number) {
    this.ledger = ledger;
    this.random = new SeededRandom(seed);
  }

  /** For a server that goes on with its data directory: the journals are read to their end at each check. */
  static following(journals: string, seed: number): Checker {
    return new Checker(new Ledger(journals), seed);
  }

  /**
   * For a server on a copy that was made of all it stores while load ran: what the journals had before the copy was begun
   * is promised, what came until it was made is in doubt. Keys that nothing was done with `since` count as older ones.
   */
  static ofCopy(journals: string, { since, before, after }: CopyMarks, seed: number): Checker {
    const ledger = new Ledger(journals);
    ledger.readOn(since);
    ledger.takeTouched();
    ledger.readOn(before);
    ledger.readInDoubt(after);
    return new Checker(ledger, seed);
  }

  /** The requests so far. */
  get counts(): LoadCounts {
    return this.ledger.counts;
  }

  /** Reads the journals to their end and checks. The load must be paused or stopped. */
  async check(server: CheckedServer, extent: CheckExtent): Promise<CheckReport> {
    this.ledger.readOn();
    this.ledger.doubtOpen();
    return this.checkAsRead(server, extent);
  }

  /** Checks against what was read of the journals; for a copy. */
  async checkAsRead(server: CheckedServer, extent: CheckExtent): Promise<CheckReport> {
    const { records, intents } = await DatabaseView.look(server.database, async (view) => ({
      records: await view.newAudit(this.auditRead),
      intents: await view.openIntents(),
    }));
    const findings: Finding[] = [...this.audit.add(records)];
    const entries = this.ledger.takeEntries();
    findings.push(...entries.flatMap((entry) => this.audit.judge(entry)));
    for (const { ended, sent } of entries) {
      if (ended?.wrong === undefined) continue;
      findings.push({ invariant: "I7", what: `${sent.tenant} ${sent.key}, ${sent.move} ${sent.id}: ${ended.wrong}` });
    }
    if (intents > 0 && extent.isSettled !== false)
      findings.push({ invariant: "I3", what: `${intents} changes of keys in tokens are begun and not ended` });
    const keys = this.choose(extent);
    const judged = await this.judgeKeys(server, keys);
    findings.push(...judged.findings);
    if (extent.older === "all") findings.push(...(await this.judgeWhole(server)));
    const told = await asOperator(server, extent);
    findings.push(...told.findings);
    const { doneAfterAll, notDone } = judged;
    const { repaired, chains } = told;
    return {
      findings,
      keys: keys.length,
      requests: entries.length,
      doneAfterAll,
      notDone,
      repaired,
      chains,
      isWhole: extent.older === "all",
      counts: this.counts,
    };
  }

  private choose({ older }: CheckExtent): readonly KeyRecord[] {
    const touched = this.ledger.takeTouched();
    const all = this.ledger.keys();
    if (older === "all") return all;
    const chosen = new Set(touched);
    for (let count = 0; count < older && all.length > 0; count += 1) chosen.add(this.random.pick(all));
    return [...chosen];
  }

  private async judgeKeys(
    { kmipPort, tenants }: CheckedServer,
    keys: readonly KeyRecord[],
  ): Promise<Pick<CheckReport, "findings" | "doneAfterAll" | "notDone">> {
    const findings: Finding[] = [];
    let [doneAfterAll, notDone] = [0, 0];
    const judgeAll = async (tenant: LoadTenant, own: KeyRecord[]): Promise<void> => {
      if (own.length === 0) return;
      const client = await KmipClient.connect({ port: kmipPort, identity: tenant.identity });
      try {
        for (let record = own.pop(); record !== undefined; record = own.pop()) {
          const { facts, done, findings: wrong } = await judgeKey(client, tenant, record);
          findings.push(...wrong);
          if (wrong.length > 0) continue;
          findings.push(...this.audit.judgeDoubts(record.doubts, done));
          doneAfterAll += done;
          notDone += record.doubts.length - done;
          this.ledger.settle(record, facts);
        }
      } finally {
        await client.close();
      }
    };
    const lanes = tenants.flatMap((tenant) => {
      const own = keys.filter((key) => key.tenant === tenant.name);
      return Array.from({ length: connectionsPerTenant }, () => judgeAll(tenant, own));
    });
    await Promise.all(lanes);
    return { findings, doneAfterAll, notDone };
  }

  /** Holds all objects there are against the journals, and looks for plaintext. */
  private async judgeWhole({
    database,
    home,
    folders = [],
    output,
    tenants,
  }: CheckedServer): Promise<readonly Finding[]> {
    const known = new Set(
      this.ledger.keys().flatMap(({ facts }) => {
        if (facts === null) return [];
        return [facts.id, facts.publicId, ...facts.former.map(({ id }) => id)];
      }),
    );
    const loaded = new Set(tenants.map(({ name }) => name));
    const there = await DatabaseView.look(database, (view) => view.objects());
    const strange = there.filter(({ id, tenant }) => loaded.has(tenant) && !known.has(id));
    return [
      ...strange.map(
        ({ id, tenant }): Finding => ({ invariant: "I3", what: `${tenant}: nobody made the object ${id}` }),
      ),
      ...[home, ...folders].flatMap(plaintextUnder),
      ...plaintextIn("the output of the server", output?.() ?? ""),
    ];
  }
}

/** What was found by an operator, and mended. */
type Told = Pick<CheckReport, "findings" | "repaired" | "chains">;

/** What `keyreeve audit verify` and `keyreeve integrity scan` find: I5 and I3. */
async function asOperator(server: CheckedServer, extent: CheckExtent): Promise<Told> {
  const operator = operatorOf(server);
  try {
    const verified = extent.audit === false ? { findings: [], chains: 0 } : await verifyChains(operator);
    const { findings, repaired } = await damage(operator, server.tenants, extent);
    return { findings: [...verified.findings, ...findings], repaired, chains: verified.chains };
  } finally {
    operator.close();
  }
}

async function verifyChains(operator: RemoteAdministration): Promise<Pick<Told, "findings" | "chains">> {
  const findings: Finding[] = [];
  let chains = 0;
  for await (const { tenant, nodeId, fault } of operator.verifyAudit()) {
    chains += 1;
    if (fault === null) continue;
    findings.push({ invariant: "I5", what: `chain of ${tenant} on ${nodeId}: ${fault.kind} at ${fault.sequence}` });
  }
  return { findings, chains };
}

async function damage(
  operator: RemoteAdministration,
  tenants: readonly LoadTenant[],
  { scan = "deep", repair = false }: CheckExtent,
): Promise<Pick<Told, "findings" | "repaired">> {
  const findings: Finding[] = [];
  let repaired = 0;
  for (const { name } of scan === "no" ? [] : tenants) {
    const { id } = await operator.scanIntegrity({ tenant: name, deep: scan === "deep", repair });
    const { state, lastError, findings: found } = await endOf(operator, id);
    if (state !== "done") findings.push({ invariant: "I3", what: `${name}: the scan ended ${state}: ${lastError}` });
    for (const { kind, subject, reason } of found) {
      if (kind === "repaired" && subject.startsWith(incomplete)) repaired += 1;
      else findings.push({ invariant: "I3", what: `${name}, ${subject}: ${reason}` });
    }
  }
  return { findings, repaired };
}
