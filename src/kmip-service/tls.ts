import { readFile } from "node:fs/promises";
import { homeLayout } from "#src/administration/layout.js";
import type { Runtime } from "#src/administration/runtime.js";
import type { TlsSettings } from "#src/net/tls-settings.js";
import type { Door } from "./doors.js";

/** The certificates of a listener: those of the configuration, or those made on first run. */
export async function tlsSettings(
  { configuration }: Runtime,
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
    // FirstContact decides which certificates are trusted. Named here, an authority would be told to the clients, and
    // those with a certificate of another one would show none, which nobody could accept then.
    clientAuthorities: [],
    certificates: await Promise.all(
      chosen.map(async ({ certificateFile, keyFile }) => ({
        certificatePem: await readFile(certificateFile, "utf8"),
        privateKeyPem: await readFile(keyFile, "utf8"),
      })),
    ),
  };
}
