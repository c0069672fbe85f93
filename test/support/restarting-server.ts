import { join } from "node:path";
import type { RemoteAdministration } from "#src/admin/client.js";
import type { TaskReport } from "#src/administration/tasks.js";
import type { DatabaseConfiguration } from "#storage/configuration.js";
import type { KmipClient } from "./kmip-client.js";
import { endOf, operatorOf } from "./operator.js";
import { connectTo, startTestServer, type TestServer } from "./server.js";
import { alter } from "./tamper.js";

/** A server on SQLite that a test stops and starts again, with its client and its operator. */
export class RestartingServer {
  server: TestServer;
  client: KmipClient;
  operator: RemoteAdministration;

  private constructor(server: TestServer, client: KmipClient) {
    this.server = server;
    this.client = client;
    this.operator = operatorOf(server);
  }

  static async start(home?: string): Promise<RestartingServer> {
    const server = await startTestServer(home === undefined ? {} : { home });
    return new RestartingServer(server, await connectTo(server));
  }

  get home(): string {
    return this.server.home;
  }

  get database(): DatabaseConfiguration {
    return { client: "better-sqlite3", filename: join(this.home, "keyreeve.db"), nodeId: "node-1" };
  }

  /** Stops the server, has something done to its files, and starts it again. */
  async restart(meanwhile: () => Promise<void> | void): Promise<void> {
    this.operator.close();
    await this.client.close();
    await this.server.stop({ keepHome: true });
    await meanwhile();
    this.server = await startTestServer({ home: this.home });
    this.client = await connectTo(this.server);
    this.operator = operatorOf(this.server);
  }

  /** Does to the database what its administrator could, the server being stopped. */
  async tamper(...statements: readonly string[]): Promise<void> {
    await this.restart(() => this.alter(...statements));
  }

  /** The same, whether the server runs or not. */
  async alter(...statements: readonly string[]): Promise<void> {
    for (const statement of statements) await alter(this.database, statement, { triggers: true });
  }

  /** The same to rows of the audit trail, whose triggers are taken away for that. */
  async alterAudit(statement: string): Promise<void> {
    await alter(this.database, statement);
  }

  /** Scans a tenant, and gives the report of the scan. */
  async scan(order: { readonly deep?: boolean; readonly repair?: boolean; readonly tenant?: string } = {}) {
    const { tenant = "demo", deep = false, repair = false } = order;
    return this.ended((await this.operator.scanIntegrity({ tenant, deep, repair })).id);
  }

  ended(id: string): Promise<TaskReport> {
    return endOf(this.operator, id);
  }

  async stop(): Promise<void> {
    this.operator.close();
    await this.client.close();
    await this.server.stop();
  }
}
