import { readFile } from "node:fs/promises";
import { homeLayout } from "#src/administration/layout.js";
import type { Runtime } from "#src/administration/runtime.js";
import type { TlsSettings } from "#src/net/tls-settings.js";
import type { Door } from "./doors.js";

/** The certificates of a listener: those of the configuration, or those made on first run. */
export async function tlsSettings(
  { configuration, authorities }: Runtime,
  { certificates, profile }: Door["tls"],
): Promise<TlsSettings> {
  const layout = homeLayout(configuration.home);
  const own = (["ec", "rsa"] as const).map((kind) => ({
    certificateFile: layout.serverCertificate(kind),
    keyFile: layout.serverKey(kind),
  }));
  const chosen = certificates.length > 0 ? certificates : own;
  return {
    profile,
    clientAuthorities: [authorities.clients.certificatePem],
    certificates: await Promise.all(
      chosen.map(async ({ certificateFile, keyFile }) => ({
        certificatePem: await readFile(certificateFile, "utf8"),
        privateKeyPem: await readFile(keyFile, "utf8"),
      })),
    ),
  };
}
