import { readFile } from "node:fs/promises";
import { Command, InvalidArgumentError } from "commander";
import { type DeviceName, deviceFields } from "#src/access/device.js";
import { withAdministration } from "../../../connect.js";
import { credentialFacts } from "../../../credential-output.js";
import { jsonOption, printFacts, printJson } from "../../../output.js";

interface Options {
  readonly tenant: string;
  readonly username?: string;
  readonly device?: DeviceName;
  readonly passwordFile: string;
  readonly oneTimePassword?: boolean;
  readonly json?: boolean;
}

/** `keyreeve client credential set CLIENT --tenant TENANT` */
export function credentialSetCommand(): Command {
  return new Command("set")
    .description("set a credential that the client has to show with each request from now on")
    .argument("<client>", "name of the client")
    .requiredOption("--tenant <tenant>", "its tenant")
    .option("--username <name>", "a username; without a certificate, clients write it TENANT/USERNAME")
    .option("--device <field=value>", `in the place of a username, repeated: ${deviceFields.join(", ")}`, deviceField)
    .requiredOption("--password-file <file>", "file that holds the password")
    .option("--one-time-password", "have the client show a one-time password (RFC 6238) too, and print its key")
    .option(...jsonOption)
    .action(async (client: string, options: Options, command: Command) => {
      const { tenant, username, device, passwordFile, oneTimePassword, json } = options;
      const request = {
        tenant,
        client,
        ...(username === undefined ? {} : { username }),
        ...(device === undefined ? {} : { device }),
        password: (await readFile(passwordFile, "utf8")).replace(/\r?\n$/, ""),
        ...(oneTimePassword === true ? { oneTimePassword } : {}),
      };
      const set = await withAdministration(command, (administration) => administration.setCredential(request));
      if (json) return printJson(set);
      const key: [string, string][] = set.oneTimeUri === null ? [] : [["One-time passwords", set.oneTimeUri]];
      return printFacts([...credentialFacts(set), ...key]);
    });
}

function deviceField(text: string, before: DeviceName | undefined): DeviceName {
  const [field, value] = text.split(/=(.*)/s);
  if (value === undefined || !deviceFields.some((known) => known === field)) {
    throw new InvalidArgumentError(`write one of ${deviceFields.join(", ")}, an equals sign and the value`);
  }
  return { ...before, [field ?? ""]: value };
}
