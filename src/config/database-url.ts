/** What a connection string of PostgreSQL says; what is absent is left as it is. */
export interface DatabaseUrl {
  /** As `database.host`: several with commas between them, each with its port where it names one. */
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly database?: string;
}

const scheme = /^postgres(?:ql)?:\/\/(?<authority>[^/?#]*)(?:\/(?<database>[^?#]*))?(?:\?(?<query>[^#]*))?$/;
const hostAndPort = /^(?<host>\[[^\]]*\]|[^:]*)(?::(?<port>\d{1,5}))?$/;

/** Which server is wanted of several: always the one that takes writes, however it is asked for. */
const sessions = ["read-write", "primary"];

/**
 * Reads `postgres://user:password@host:port,host:port/database?target_session_attrs=read-write`; gives what is wrong with
 * it as text, which never repeats a password.
 */
export function parseDatabaseUrl(text: string): DatabaseUrl | string {
  const { authority, database, query = "" } = scheme.exec(text)?.groups ?? {};
  const form = "must read postgres://user:password@host:port/database, where several hosts have commas between them";
  if (authority === undefined) return form;
  try {
    const complaint = complaintOf(new URLSearchParams(query));
    if (complaint !== null) return complaint;
    const [user, password] = userOf(authority);
    const hosts = hostsOf(authority.slice(authority.lastIndexOf("@") + 1));
    if (hosts === null) return form;
    return {
      ...hosts,
      ...(user === "" ? {} : { user }),
      ...(password === "" ? {} : { password }),
      ...(database === undefined || database === "" ? {} : { database: decodeURIComponent(database) }),
    };
  } catch (error) {
    // What is percent-encoded is not.
    if (error instanceof URIError) return form;
    throw error;
  }
}

function complaintOf(parameters: URLSearchParams): string | null {
  for (const [name, value] of parameters) {
    if (name !== "target_session_attrs") {
      return `has the parameter ${JSON.stringify(name)}, which is none here: database.certificateAuthoritiesFile and the other keys say it`;
    }
    if (!sessions.includes(value)) return `asks for target_session_attrs other than ${sessions.join(" or ")}`;
  }
  return null;
}

function userOf(authority: string): readonly [user: string, password: string] {
  const user = authority.slice(0, Math.max(0, authority.lastIndexOf("@")));
  const colon = user.indexOf(":");
  const parts = colon < 0 ? [user, ""] : [user.slice(0, colon), user.slice(colon + 1)];
  return [decodeURIComponent(parts[0] ?? ""), decodeURIComponent(parts[1] ?? "")];
}

function hostsOf(text: string): Pick<DatabaseUrl, "host" | "port"> | null {
  const found = text.split(",").map((entry) => hostAndPort.exec(entry)?.groups);
  const [first] = found;
  if (first === undefined || found.includes(undefined)) return null;
  if (found.length > 1) {
    const entries = found.map((groups) => {
      const host = decodeURIComponent(groups?.["host"] ?? "");
      return groups?.["port"] === undefined ? host : `${host}:${groups["port"]}`;
    });
    return { host: entries.join(",") };
  }
  const host = decodeURIComponent(first["host"] ?? "").replace(/^\[|\]$/g, "");
  return {
    ...(host === "" ? {} : { host }),
    ...(first["port"] === undefined ? {} : { port: Number(first["port"]) }),
  };
}
