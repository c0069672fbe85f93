import { join } from "node:path";

/** The ports clients reach; HTTPS may be turned off. */
export interface ClientPorts {
  readonly kmipPort: number;
  readonly httpsPort: number | null;
}

/** A short transcript that shows how the first client connects. */
export function connectionGuide(home: string, { kmipPort, httpsPort }: ClientPorts): string {
  const folder = join(home, "clients", "demo", "demo-client");
  return `A first client is ready to use; its files are in
  ${folder}
  client.crt  client.key  client.pem  ca.crt  pykmip.conf

With PyKMIP (Debian: apt install python3-pykmip), against port ${kmipPort}:
  $ python3
  >>> from kmip import enums
  >>> from kmip.pie.client import ProxyKmipClient
  >>> client = ProxyKmipClient(config="client", config_file="${join(folder, "pykmip.conf")}")
  >>> client.open()
  >>> client.create(enums.CryptographicAlgorithm.AES, 256)

${httpsPort === null ? "" : httpsGuide(folder, httpsPort)}`;
}

function httpsGuide(folder: string, port: number): string {
  return `Over HTTPS, with messages in TTLV, XML or JSON by their Content-Type:
  $ curl --cert ${join(folder, "client.pem")} --cacert ${join(folder, "ca.crt")} \\
      -H "Content-Type: text/xml" --data-binary @request.xml https://localhost:${port}/kmip

`;
}
