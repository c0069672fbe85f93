import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { withAdministration } from "../../../connect.js";
import { printDestination } from "../../../destination-output.js";
import { wholeNumber } from "../../../numbers.js";
import { jsonOption } from "../../../output.js";

interface Options {
  readonly tenant: string;
  readonly host?: string;
  readonly port?: number;
  readonly certificate?: string;
  readonly key?: string;
  readonly authority?: string;
  readonly client?: string;
  readonly kmip?: string;
  readonly subscribe?: string;
  readonly json?: boolean;
}

/** `keyreeve tenant destination add NAME --tenant TENANT …` */
export function destinationAddCommand(): Command {
  return new Command("add")
    .description(
      "send notices of changes, and objects on command, to an address or to a client that takes the server role",
    )
    .argument("<name>", "name of the destination")
    .requiredOption("--tenant <tenant>", "its tenant")
    .option("--host <host>", "where the server connects to")
    .option("--port <port>", "port there", wholeNumber(1, 65_535))
    .option("--certificate <file>", "PEM: the certificate the server shows there")
    .option("--key <file>", "PEM: the private key of the certificate")
    .option("--authority <file>", "PEM: the authorities of the destination's certificate")
    .option("--client <client>", "a client of the tenant that takes the server role, instead of an address")
    .option("--kmip <version>", "the KMIP version to speak (default: the destination is asked)")
    .option(
      "--subscribe <attributes>",
      'names of attributes whose change is notified, separated by commas; "*" for all',
    )
    .option(...jsonOption)
    .action(async (name: string, options: Options, command: Command) => {
      const { tenant, host, port, client, kmip, subscribe, json } = options;
      const [certificate, key, authority] = await Promise.all(
        [options.certificate, options.key, options.authority].map((file) =>
          file === undefined ? undefined : readFile(file, "utf8"),
        ),
      );
      const request = {
        name,
        tenant,
        ...(host !== undefined && { host }),
        ...(port !== undefined && { port }),
        ...(certificate !== undefined && { certificate }),
        ...(key !== undefined && { key }),
        ...(authority !== undefined && { authority }),
        ...(client !== undefined && { client }),
        ...(kmip !== undefined && { version: kmip }),
        ...(subscribe !== undefined && { subscribe: subscribe.split(",").map((each) => each.trim()) }),
      };
      const added = await withAdministration(command, (administration) => administration.addDestination(request));
      await printDestination(added, json);
    });
}
