import { Command } from "commander";
import { wholeNumber } from "../../numbers.js";
import { jsonOption, printJson } from "../../output.js";
import { type SecretServerOptions, withSecrets, withServer } from "../../secret-options.js";
import { printBytes, writePrivateFile } from "../../secret-output.js";

interface Options extends SecretServerOptions {
  readonly version?: number;
  readonly base64?: boolean;
  readonly hex?: boolean;
  readonly newline?: boolean;
  readonly output?: string;
}

/** The highest number of a version. */
const maximumVersion = 2 ** 31 - 1;

/** `keyreeve secret get NAME` */
export function secretGetCommand(): Command {
  return withServer(
    new Command("get")
      .description("write the value of a secret to standard output, byte for byte and nothing else")
      .argument("<name>", "name of the secret")
      .option("--version <number>", "an older version of it", wholeNumber(1, maximumVersion))
      .option("--base64", "write it in base64")
      .option("--hex", "write it in hexadecimal digits")
      .option("--newline", "end it with a line feed")
      .option("--output <file>", "write it to a file that its owner alone may read"),
  )
    .option(jsonOption[0], "print JSON, with the value in base64")
    .action(async (name: string, options: Options, command: Command) => {
      const { base64, hex, json, output, version } = options;
      if ([base64, hex, json].filter((each) => each === true).length > 1) {
        command.error("error: give one of --base64, --hex and --json");
      }
      if (json === true && output !== undefined) command.error("error: give one of --json and --output");
      const value = await withSecrets(command, options, (secrets) => secrets.get(name, version));
      if (json === true) await printJson({ name, value: value.toString("base64") });
      else await write(encoded(value, options), output);
      value.fill(0);
    });
}

function encoded(value: Buffer, { base64, hex, newline }: Options): Buffer {
  const written = base64 === true ? value.toString("base64") : hex === true ? value.toString("hex") : undefined;
  const bytes = written === undefined ? value : Buffer.from(written, "latin1");
  return newline === true ? Buffer.concat([bytes, Buffer.from("\n")]) : bytes;
}

function write(bytes: Buffer, output: string | undefined): Promise<void> {
  return output === undefined ? printBytes(bytes) : writePrivateFile(output, bytes);
}
