/** Where a server is. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** The port that KMIP has of IANA. */
export const kmipPort = 5696;

/** Reads HOST, HOST:PORT, [IPV6] or [IPV6]:PORT; undefined where it is none of them. */
export function readAddress(text: string, usualPort: number = kmipPort): ServerAddress | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3] ?? usualPort);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}
