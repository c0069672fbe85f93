import { type Command, InvalidArgumentError, Option } from "commander";
import { readAddress, type ServerAddress } from "#src/kmip-client/address.js";
import type { Secrets, SecretType } from "#src/kmip-client/secrets/secrets.js";

/** The options of every command about secrets. */
export interface SecretServerOptions {
  readonly server: ServerAddress;
  readonly identity?: string;
  readonly json?: boolean;
}

/** Adds where the server is and who asks. */
export function withServer(command: Command): Command {
  return command
    .addOption(
      new Option("--server <host:port>", "the server")
        .env("KEYREEVE_SERVER")
        .default(address("localhost"), "localhost:5696")
        .argParser(address),
    )
    .addOption(
      new Option("--identity <dir>", 'the folder of a client as "keyreeve client issue" writes it').env(
        "KEYREEVE_IDENTITY",
      ),
    );
}

/** Does the work of a command over a connection to the server, as the client of the identity. */
export async function withSecrets<T>(
  command: Command,
  { server, identity }: SecretServerOptions,
  work: (secrets: Secrets) => Promise<T>,
): Promise<T> {
  if (identity === undefined) command.error("error: say as which client, by --identity or KEYREEVE_IDENTITY");
  const [{ Secrets }, { readClientFiles }] = await Promise.all([
    import("#src/kmip-client/secrets/secrets.js"),
    import("#src/kmip-client/identity.js"),
  ]);
  const secrets = await Secrets.connect({ ...server, files: readClientFiles(identity) });
  try {
    return await work(secrets);
  } finally {
    secrets.close();
  }
}

/** What kinds of secret there are, by the words of the command line. */
const types: Readonly<Record<string, SecretType>> = { password: "Password", seed: "Seed" };

/** The option that says what kind of secret a value is. */
export function typeOption(): Option {
  return new Option("--type <type>", "what it is in KMIP").choices(Object.keys(types)).default("password");
}

/** The kind by its word, which the option has checked. */
export function secretType(word: string): SecretType {
  return types[word] ?? "Password";
}

function address(text: string): ServerAddress {
  const read = readAddress(text);
  if (read === undefined) throw new InvalidArgumentError("It must be HOST or HOST:PORT.");
  return read;
}
