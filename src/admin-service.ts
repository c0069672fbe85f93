import { readFile } from "node:fs/promises";
import type { SecureContextOptions } from "node:tls";
import { type AdminServer, startAdminServer } from "#src/admin/server.js";
import { announceAdminAddress, withdrawAdminAddress } from "#src/administration/admin-address.js";
import { HandshakeAudit } from "#src/administration/handshake-audit.js";
import { homeLayout } from "#src/administration/layout.js";
import { LocalAdministration, type ServerView } from "#src/administration/local-administration.js";
import type { Runtime } from "#src/administration/runtime.js";
import {
  diagnoseHandshakeError,
  diagnoseVerification,
  handshakeDiagnoses,
  reasonOf,
} from "#src/net/handshake-diagnosis.js";
import { secureContextOptions } from "#src/net/tls-settings.js";
import type { Health } from "#src/telemetry/health.js";
import type { Metrics } from "#src/telemetry/metrics.js";

/** What the admin port shows of the server around it. */
export interface AdminSurroundings {
  readonly metrics: Metrics;
  readonly health: Health;
  readonly server: ServerView;
}

/** Serves the admin port over an open data directory. */
export class AdminService {
  readonly port: number;
  private readonly runtime: Runtime;
  private readonly server: AdminServer;
  private readonly handshakeAudit: HandshakeAudit;

  private constructor(runtime: Runtime, server: AdminServer, handshakeAudit: HandshakeAudit) {
    this.runtime = runtime;
    this.server = server;
    this.handshakeAudit = handshakeAudit;
    this.port = server.port;
  }

  /** Listens, and notes in the data directory where. Rejects where the address cannot be had. */
  static async start(runtime: Runtime, surroundings: AdminSurroundings): Promise<AdminService> {
    const { configuration, database, log } = runtime;
    const { metrics, health } = surroundings;
    const { host, port, limits } = configuration.admin;
    const handshakeAudit = new HandshakeAudit(database, log, "admin");
    const server = await startAdminServer({
      host,
      port,
      limits,
      tls: await tlsOptions(runtime),
      database,
      health,
      log,
      metrics: { exposition: () => exposition(runtime, metrics) },
      administrationOf: (actor) => new LocalAdministration(runtime, actor, surroundings.server),
      onHandshakeFailure: (error, verdict, remoteAddress, remotePort) => {
        const code = verdict === null ? diagnoseHandshakeError(error) : diagnoseVerification(verdict);
        const { explanation } = handshakeDiagnoses[code];
        metrics.count("handshakeFailures", { listener: "admin", reason: code });
        log.warn({ listener: "admin", code, remoteAddress }, explanation);
        const detail = verdict ?? reasonOf(error);
        handshakeAudit.record({ code, explanation, detail, remoteAddress, remotePort, peer: null });
      },
    });
    await announceAdminAddress(configuration.home, server);
    return new AdminService(runtime, server, handshakeAudit);
  }

  /** Takes a changed certificate file for handshakes from now on. */
  async reloadCertificates(): Promise<void> {
    this.server.reload(await tlsOptions(this.runtime));
  }

  /** Finishes requests under way and closes. */
  async stop(): Promise<void> {
    await withdrawAdminAddress(this.runtime.configuration.home);
    await this.server.stop();
    this.handshakeAudit.stop();
  }
}

/** The metrics, with what is only known when it is asked for. */
async function exposition({ engine }: Runtime, metrics: Metrics): ReturnType<Metrics["exposition"]> {
  for (const { tenantId: partition, workers } of engine.status()) {
    const calls = workers.reduce((sum, { waiting, underWay }) => sum + waiting + underWay, 0);
    metrics.set("hsmQueue", { partition }, calls);
  }
  return metrics.exposition();
}

/** The server's EC certificate, and the operators' authority as the only one that is trusted. */
async function tlsOptions({ configuration, authorities }: Runtime): Promise<SecureContextOptions> {
  const layout = homeLayout(configuration.home);
  return secureContextOptions({
    profile: "modern",
    clientAuthorities: [authorities.operators.certificatePem],
    certificates: [
      {
        certificatePem: await readFile(layout.serverCertificate("ec"), "utf8"),
        privateKeyPem: await readFile(layout.serverKey("ec"), "utf8"),
      },
    ],
  });
}
