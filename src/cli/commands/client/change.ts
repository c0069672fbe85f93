import { readFile } from "node:fs/promises";
import { Command } from "commander";
import type { ProfileName } from "#src/access/client-profiles.js";
import type { AttestationDemand } from "#src/access/client-settings.js";
import type { Permission } from "#src/access/permissions.js";
import { clientFacts } from "../../client-output.js";
import { withAdministration } from "../../connect.js";
import { jsonOption, printFacts, printJson } from "../../output.js";
import { permissionList } from "../../permission-list.js";
import { profileName } from "../../profile-name.js";
import { type QuotaOptions, quotaChangeOf, withQuotaOptions } from "../../quota-options.js";

interface Options extends QuotaOptions {
  readonly tenant: string;
  readonly permissions?: readonly Permission[];
  /** File, or false for `--no-attestation`. */
  readonly attestationKey?: string;
  readonly attestation: boolean;
  /** Name, or false for `--no-profile`. */
  readonly profile?: ProfileName | false;
  readonly registerDigest?: readonly string[];
  readonly json?: boolean;
}

/** `keyreeve client change NAME --tenant TENANT` */
export function clientChangeCommand(): Command {
  return withQuotaOptions(new Command("change"))
    .description("change what a client may do and must prove, from its next request on")
    .argument("<name>", "name of the client")
    .requiredOption("--tenant <tenant>", "its tenant")
    .option("--permissions <list>", "everything it may do from now on, separated by commas", permissionList)
    .option("--attestation-key <file>", "demand a TPM quote under this attestation key (PEM, public)")
    .option("--register-digest <hex...>", "digests of the platform configuration registers to accept in quotes")
    .option("--no-attestation", "demand no attestation any more")
    .option("--profile <name>", "its client profile, as docs/clients/profiles.md lists them", profileName)
    .option("--no-profile", "no profile of its own any more: that of its listener or tenant counts")
    .option(...jsonOption)
    .action(async (name: string, options: Options, command: Command) => {
      const { tenant, permissions, profile, json } = options;
      const attestation = await attestationOf(options, command);
      const quota = quotaChangeOf(options);
      const request = {
        tenant,
        name,
        ...(permissions === undefined ? {} : { permissions }),
        ...(attestation === undefined ? {} : { attestation }),
        ...(profile === undefined ? {} : { profile: profile || null }),
        ...(quota === undefined ? {} : { quota }),
      };
      const client = await withAdministration(command, (administration) => administration.changeClient(request));
      return json ? printJson(client) : printFacts(clientFacts(client));
    });
}

async function attestationOf(options: Options, command: Command): Promise<AttestationDemand | null | undefined> {
  const { attestation, attestationKey, registerDigest } = options;
  if (!attestation) return null;
  if (attestationKey === undefined && registerDigest === undefined) return undefined;
  if (attestationKey === undefined || registerDigest === undefined) {
    return command.error("error: --attestation-key and --register-digest go together");
  }
  const publicKey = await readFile(attestationKey, "utf8");
  return { publicKey, registerDigests: registerDigest.map((digest) => digest.toLowerCase()) };
}
