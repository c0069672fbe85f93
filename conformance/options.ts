import { parseArgs } from "node:util";
import { kmipPort, readAddress, type ServerAddress } from "#src/kmip-client/address.js";
import { type Transport, transports } from "./connections.js";

/** Where servers such as this one take KMIP over HTTPS. */
const httpsPort = 5698;

/** What is to be played, against which server, and where the results go. */
export interface ConformanceOptions {
  /** The folder of the cases; undefined for the variable KEYREEVE_VECTORS or the folder beside the project. */
  readonly vectors: string | undefined;
  /** All that are played where undefined. */
  readonly versions: readonly string[] | undefined;
  /** Only cases whose name contains this. */
  readonly name: string;
  /** HOST:PORT; undefined for a server of its own. */
  readonly server: string | undefined;
  /** Folders with client.crt, client.key and ca.crt: those of Client-A, Client-B and so on. */
  readonly identities: readonly string[];
  readonly transport: Transport;
  readonly json: boolean;
  readonly output: string | undefined;
}

/** The command line makes no sense. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The address that an option names; without a port, the one that is usual for the transport. Throws UsageError. */
export function addressFrom(text: string, transport: Transport): ServerAddress {
  const address = readAddress(text, transport === "ttlv" ? kmipPort : httpsPort);
  if (address === undefined) throw new UsageError(`"${text}" is neither HOST nor HOST:PORT`);
  return address;
}

/** Reads the arguments. Throws UsageError. */
export function readOptions(args: readonly string[]): ConformanceOptions {
  const values = parsed(args);
  const transport = transports.find((each) => each === (values.transport ?? "ttlv"));
  if (transport === undefined) throw new UsageError(`--transport is one of ${transports.join(", ")}`);
  const identities = values.identity ?? [];
  if (values.server !== undefined && identities.length === 0) throw new UsageError("--server needs --identity");
  if (values.server === undefined && identities.length > 0) throw new UsageError("--identity needs --server");
  return {
    vectors: values.vectors,
    versions: values.version,
    name: values.case ?? "",
    server: values.server,
    identities,
    transport,
    json: values.json ?? false,
    output: values.output,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        vectors: { type: "string" },
        version: { type: "string", multiple: true },
        case: { type: "string" },
        server: { type: "string" },
        identity: { type: "string", multiple: true },
        transport: { type: "string" },
        json: { type: "boolean" },
        output: { type: "string" },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
