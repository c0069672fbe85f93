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

/** `keyreeve secret rotate NAME` */
export function secretRotateCommand(): Command {
  return withServer(
    new Command("rotate")
      .description("give a secret a new value; the old one stays readable by its version until it is removed")
      .argument("<name>", "name of the secret")
      .option(...fileOption)
      .option(...randomOption, wholeNumber(1, maximumSecretBytes))
      .option(...trimOption)
      .addOption(typeOption()),
  )
    .option(...jsonOption)
    .action(async (name: string, options: Options, command: Command) => {
      const value = await readValue(command, options);
      const version = await withSecrets(command, options, (secrets) =>
        secrets.rotate(name, secretType(options.type), value),
      );
      value.fill(0);
      await printVersion(version, options.json);
    });
}
