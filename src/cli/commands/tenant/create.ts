import { readFile } from "node:fs/promises";
import { Command, Option } from "commander";
import type { TenantRequest } from "#src/administration/administration.js";
import { withAdministration } from "../../connect.js";
import { jsonOption } from "../../output.js";
import { printTenant } from "../../tenant-output.js";

interface Options {
  readonly custody?: NonNullable<TenantRequest["custody"]>;
  /** False with --no-software. */
  readonly software: boolean;
  readonly tokenLabel?: string;
  readonly tokenSerial?: string;
  readonly module?: string;
  readonly pinFile?: string;
  readonly interoperabilityTests?: boolean;
  readonly json?: boolean;
}

/** `keyreeve tenant create NAME` */
export function tenantCreateCommand(): Command {
  return new Command("create")
    .description("make a tenant, with a SoftHSM token of its own or bound to a token that exists")
    .argument("<name>", "name of the tenant")
    .addOption(
      new Option("--custody <kind>", "where its keys live unless a request says otherwise").choices([
        "wrapped",
        "token",
      ]),
    )
    .option("--no-software", "never use its keys in software, also where the token lacks the mechanism")
    .option("--token-label <label>", "bind to the token with this label; needs --token-serial and --pin-file")
    .option("--token-serial <serial>", "serial number of that token")
    .option("--module <path>", "PKCS#11 module of that token (default: hsm.module)")
    .option("--pin-file <file>", "file that holds the user PIN of that token")
    .option("--interoperability-tests", "perform the operation Interop; not for production")
    .option(...jsonOption)
    .action(async (name: string, options: Options, command: Command) => {
      const request = await requestOf(name, options, command);
      const tenant = await withAdministration(command, (administration) => administration.createTenant(request));
      await printTenant(tenant, options.json);
    });
}

async function requestOf(name: string, options: Options, command: Command): Promise<TenantRequest> {
  const { custody, tokenLabel: label, tokenSerial: serial, module, pinFile } = options;
  const request = {
    name,
    ...(custody === undefined ? {} : { custody }),
    ...(options.software ? {} : { softwareCryptography: false }),
    ...(options.interoperabilityTests === true ? { interoperabilityTests: true } : {}),
  };
  if (label === undefined && serial === undefined && module === undefined && pinFile === undefined) return request;
  if (label === undefined || serial === undefined || pinFile === undefined) {
    command.error("error: to bind to a token, give --token-label, --token-serial and --pin-file together");
  }
  const pin = (await readFile(pinFile, "utf8")).trim();
  return { ...request, token: { label, serial, pin, ...(module === undefined ? {} : { module }) } };
}
