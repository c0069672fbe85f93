import { Command } from "commander";
import { wholeNumber } from "../../numbers.js";
import { jsonOption } from "../../output.js";
import { type SecretServerOptions, secretType, typeOption, withSecrets, withServer } from "../../secret-options.js";
import { printVersion } from "../../secret-output.js";
import {
  fileOption,
  maximumSecretBytes,
  randomOption,
  readValue,
  trimOption,
  type ValueOptions,
} from "../../secret-value.js";

interface Options extends SecretServerOptions, ValueOptions {
  readonly type: string;
}

/** `keyreeve secret put NAME` */
export function secretPutCommand(): Command {
  return withServer(
    new Command("put")
      .description("store a new secret; its value is random, from a file, from standard input, or asked for")
      .argument("<name>", "name of the secret, unique among the objects of the tenant")
      .option(...fileOption)
      .option(...randomOption, wholeNumber(1, maximumSecretBytes))
      .option(...trimOption)
      .addOption(typeOption()),
  )
    .option(...jsonOption)
    .action(async (name: string, options: Options, command: Command) => {
      const value = await readValue(command, options);
      const version = await withSecrets(command, options, (secrets) =>
        secrets.put(name, secretType(options.type), value),
      );
      value.fill(0);
      await printVersion(version, options.json);
    });
}
