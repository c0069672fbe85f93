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
  readonly moduleParameters?: string;
  readonly pinFile?: string;
  readonly pinEnv?: string;
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
    .option("--token-label <label>", "bind to the token with this label; needs --pin-file or --pin-env")
    .option("--token-serial <serial>", "serial number of that token, where several have the label")
    .option("--module <path>", "PKCS#11 module of that token (default: hsm.module)")
    .option("--module-parameters <text>", "text that the module is initialised with (NSS)")
    .option("--pin-file <file>", "file that holds the user PIN of that token")
    .option("--pin-env <variable>", "environment variable that holds the user PIN of that token")
    .option("--interoperability-tests", "perform the operation Interop; not for production")
    .option(...jsonOption)
    .action(async (name: string, options: Options, command: Command) => {
      const request = await requestOf(name, options, command);
      const tenant = await withAdministration(command, (administration) => administration.createTenant(request));
      await printTenant(tenant, options.json);
    });
}

async function requestOf(name: string, options: Options, command: Command): Promise<TenantRequest> {
  const { custody, tokenLabel: label, tokenSerial: serial, module, moduleParameters } = options;
  const request = {
    name,
    ...(custody === undefined ? {} : { custody }),
    ...(options.software ? {} : { softwareCryptography: false }),
    ...(options.interoperabilityTests === true ? { interoperabilityTests: true } : {}),
  };
  const pin = await pinOf(options, command);
  if (label === undefined && serial === undefined && module === undefined && pin === undefined) return request;
  if (label === undefined || pin === undefined) {
    command.error("error: to bind to a token, give --token-label and one of --pin-file and --pin-env");
  }
  const named = { ...(serial === undefined ? {} : { serial }), ...(module === undefined ? {} : { module }) };
  const initialised = moduleParameters === undefined ? {} : { moduleParameters };
  return { ...request, token: { label, pin, ...named, ...initialised } };
}

/** The PIN without what editors put behind it; a PIN such as CloudHSM's `user:password` stays as it is. */
async function pinOf({ pinFile, pinEnv }: Options, command: Command): Promise<string | undefined> {
  if (pinFile !== undefined && pinEnv !== undefined) command.error("error: give one of --pin-file and --pin-env");
  if (pinFile !== undefined) return (await readFile(pinFile, "utf8")).trim();
  if (pinEnv === undefined) return undefined;
  const value = process.env[pinEnv];
  if (value === undefined || value === "") command.error(`error: the variable ${pinEnv} is empty`);
  return value;
}
