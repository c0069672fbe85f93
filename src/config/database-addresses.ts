/** Where a PostgreSQL is: host name, address or folder of a unix socket, and port. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
}

const mostAddresses = 16;
const highestPort = 65_535;

// An address of IPv6 has colons of its own: with a port it stands in brackets.
const forms = [
  /^\[(?<host>[^\][]+)\](?::(?<port>\d{1,5}))?$/,
  /^(?<host>[^:,\][]*:[^,\][]*:[^,\][]*)$/,
  /^(?<host>\/[^,]*?)(?::(?<port>\d{1,5}))?$/,
  /^(?<host>[^:,\][/]+)(?::(?<port>\d{1,5}))?$/,
] as const;

function addressOf(text: string, port: number): DatabaseAddress | null {
  const groups = forms.map((form) => form.exec(text)?.groups).find((found) => found !== undefined);
  if (groups === undefined) return null;
  const own = groups["port"] === undefined ? port : Number(groups["port"]);
  return own < 1 || own > highestPort ? null : { host: groups["host"] ?? "", port: own };
}

/**
 * The addresses of `database.host`: one, or several with commas between them, each with `:port` where it has one of its
 * own; the first comes first. Null where the text is none.
 */
export function databaseAddresses(text: string, port: number): readonly [DatabaseAddress, ...DatabaseAddress[]] | null {
  const found = text.split(",").map((entry) => addressOf(entry.trim(), port));
  const [first, ...rest] = found;
  if (first === undefined || first === null || found.length > mostAddresses) return null;
  const others = rest.flatMap((address) => (address === null ? [] : [address]));
  return others.length === rest.length ? [first, ...others] : null;
}
