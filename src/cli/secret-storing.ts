import { Command } from "commander";
import type { SecretVersion } from "#src/kmip-client/secrets/secret-attributes.js";
import type { Secrets, SecretType } from "#src/kmip-client/secrets/secrets.js";
import { wholeNumber } from "./numbers.js";
import { jsonOption } from "./output.js";
import { type SecretServerOptions, secretType, typeOption, withSecrets, withServer } from "./secret-options.js";
import { printVersion } from "./secret-output.js";
import {
  fileOption,
  maximumSecretBytes,
  randomOption,
  readValue,
  trimOption,
  type ValueOptions,
} from "./secret-value.js";

interface Options extends SecretServerOptions, ValueOptions {
  readonly type: string;
}

/** What becomes of a value that a command was given. */
export type Storing = (secrets: Secrets, name: string, type: SecretType, value: Buffer) => Promise<SecretVersion>;

/** A command that takes a value for the secret of a name, stores it and prints the version it became. */
export function storingCommand(word: string, description: string, nameDescription: string, storing: Storing): Command {
  return withServer(
    new Command(word)
      .description(description)
      .argument("<name>", nameDescription)
      .option(...fileOption)
      .option(...randomOption, wholeNumber(1, maximumSecretBytes))
      .option(...trimOption)
      .addOption(typeOption()),
  )
    .option(...jsonOption)
    .action(async (name: string, options: Options, command: Command) => {
      const value = await readValue(command, options);
      try {
        const store = (secrets: Secrets) => storing(secrets, name, secretType(options.type), value);
        await printVersion(await withSecrets(command, options, store), options.json);
      } finally {
        value.fill(0);
      }
    });
}
