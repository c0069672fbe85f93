import { Command, InvalidArgumentError, Option } from "commander";
import { type NameSource, nameSources } from "#src/access/name-sources.js";
import { withAdministration } from "../../../connect.js";
import { jsonOption } from "../../../output.js";
import { readPemFile } from "../../../pem-file.js";
import { printTrust } from "../../../trust-output.js";

interface Options {
  readonly tenant: string;
  readonly name: string;
  readonly subject?: Readonly<Record<string, string>>;
  readonly sanDns?: readonly string[];
  readonly sanEmail?: readonly string[];
  readonly sanUri?: readonly string[];
  readonly anyName?: boolean;
  readonly clientNameFrom: NameSource;
  readonly crl?: string;
  readonly autoRegister?: boolean;
  readonly json?: boolean;
}

/** `keyreeve tenant trust add FILE --tenant TENANT --name NAME …` */
export function trustAddCommand(): Command {
  return new Command("add")
    .description("trust the certificates of an authority of your own whose names match rules")
    .argument("<file>", "the authority's certificate, PEM or DER; in PEM, those of authorities below it may follow")
    .requiredOption("--tenant <tenant>", "the tenant whose clients they are")
    .requiredOption("--name <name>", "what to call the authority here")
    .option("--subject <kind=pattern>", 'a part of the subject must match, such as "O=Bank" or "OU=KMIP*"', subjectRule)
    .option("--san-dns <pattern...>", "one of its DNS names must match; * stands for characters of one label")
    .option("--san-email <pattern...>", "one of its e-mail addresses must match; * stops at the at sign")
    .option("--san-uri <pattern...>", "one of its URIs must match")
    .option("--any-name", "every certificate of the authority is a client")
    .addOption(
      new Option("--client-name-from <source>", "where the names of its clients come from")
        .choices(nameSources)
        .default("cn"),
    )
    .option("--crl <file>", "its revocation list, PEM or DER; from then on a current one is needed")
    .option("--auto-register", "register its clients at first contact, instead of having them wait to be accepted")
    .option(...jsonOption)
    .action(async (file: string, options: Options, command: Command) => {
      const { tenant, name, subject, sanDns, sanEmail, sanUri, anyName, crl, autoRegister, json } = options;
      const request = {
        tenant,
        name,
        certificates: await readPemFile(file, "CERTIFICATE"),
        rules: {
          ...(subject && { subject: { ...subject } }),
          ...(sanDns && { dns: [...sanDns] }),
          ...(sanEmail && { email: [...sanEmail] }),
          ...(sanUri && { uri: [...sanUri] }),
          ...(anyName && { anyName }),
        },
        nameFrom: options.clientNameFrom,
        ...(autoRegister && { autoRegister }),
        ...(crl !== undefined && { revocationLists: await readPemFile(crl, "X509 CRL") }),
      };
      const added = await withAdministration(command, ({ firstContact }) => firstContact.addTrust(request));
      await printTrust(added, json);
    });
}

function subjectRule(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const equals = text.indexOf("=");
  if (equals < 1 || equals === text.length - 1) {
    throw new InvalidArgumentError(
      "Write KIND=PATTERN with CN, O, OU, C, ST, L, DC, UID, serialNumber or emailAddress.",
    );
  }
  return { ...before, [text.slice(0, equals)]: text.slice(equals + 1) };
}
