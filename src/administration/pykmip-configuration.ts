import { join } from "node:path";

/** The configuration file a PyKMIP client reads (its section [client]), for the files in a client's folder. */
export function pykmipConfiguration(folder: string, address: { readonly host: string; readonly port: number }): string {
  return [
    "[client]",
    `host=${address.host}`,
    `port=${address.port}`,
    `certfile=${join(folder, "client.crt")}`,
    `keyfile=${join(folder, "client.key")}`,
    `ca_certs=${join(folder, "ca.crt")}`,
    "cert_reqs=CERT_REQUIRED",
    "ssl_version=PROTOCOL_SSLv23",
    "do_handshake_on_connect=True",
    "suppress_ragged_eofs=True",
    "username=None",
    "password=None",
    "",
  ].join("\n");
}
