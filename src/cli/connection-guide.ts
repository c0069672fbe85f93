import { join } from "node:path";

/** A short transcript that shows how the first client connects. */
export function connectionGuide(home: string, port: number): string {
  const folder = join(home, "clients", "demo", "demo-client");
  return `A first client is ready to use; its files are in
  ${folder}
  client.crt  client.key  client.pem  ca.crt  pykmip.conf

With PyKMIP (Debian: apt install python3-pykmip), against port ${port}:
  $ python3
  >>> from kmip import enums
  >>> from kmip.pie.client import ProxyKmipClient
  >>> client = ProxyKmipClient(config="client", config_file="${join(folder, "pykmip.conf")}")
  >>> client.open()
  >>> client.create(enums.CryptographicAlgorithm.AES, 256)

`;
}
