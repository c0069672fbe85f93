import { readdir, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Command, Option } from "commander";
import type { CertificateWishes } from "#src/administration/client-files.js";
import { writeDurably } from "#src/administration/files.js";

/** Options of commands that make a client's certificate and files. */
export interface ClientFilesOptions {
  readonly key?: NonNullable<CertificateWishes["key"]>;
  readonly dns?: readonly string[];
  readonly email?: readonly string[];
  readonly ip?: readonly string[];
  readonly keyPasswordFile?: string;
  readonly keyPasswordEnv?: string;
  readonly p12?: boolean;
  readonly p12Legacy?: boolean;
  readonly p12PasswordFile?: string;
  readonly p12PasswordEnv?: string;
}

const keyKinds = ["ec-p256", "rsa-2048", "rsa-3072", "rsa-4096"] as const;

/** Adds the options to a command. */
export function withClientFilesOptions(command: Command): Command {
  return command
    .addOption(new Option("--key <kind>", "kind of its key (default: ec-p256)").choices(keyKinds))
    .option("--dns <name...>", "DNS names in the certificate")
    .option("--email <address...>", "e-mail addresses in the certificate")
    .option("--ip <address...>", "IP addresses in the certificate")
    .option("--key-password-file <file>", "encrypt the private key under the password in this file")
    .option("--key-password-env <variable>", "the same, from an environment variable")
    .option("--p12", "write client.p12 (PKCS#12) too; under a random password in a file beside it, unless one is given")
    .option("--p12-legacy", "the same with triple DES and SHA-1, for old appliances")
    .option("--p12-password-file <file>", "password of client.p12: the content of this file")
    .option("--p12-password-env <variable>", "the same, from an environment variable");
}

/** What the options ask for. Ends the command where they contradict each other. */
export async function wishesOf(options: ClientFilesOptions, command: Command): Promise<CertificateWishes> {
  const { key, dns, email, ip } = options;
  const keyPassword = await passwordOf("key", options.keyPasswordFile, options.keyPasswordEnv, command);
  const password = await passwordOf("p12", options.p12PasswordFile, options.p12PasswordEnv, command);
  const isContainer = options.p12 ?? options.p12Legacy ?? password !== undefined;
  return {
    ...(key && { key }),
    ...(dns && { dns }),
    ...(email && { email }),
    ...(ip && { ip }),
    ...(keyPassword !== undefined && { keyPassword }),
    ...(isContainer && {
      pkcs12: { ...(password !== undefined && { password }), ...(options.p12Legacy && { legacy: true }) },
    }),
  };
}

async function passwordOf(
  what: "key" | "p12",
  file: string | undefined,
  variable: string | undefined,
  command: Command,
): Promise<string | undefined> {
  if (file !== undefined && variable !== undefined) {
    return command.error(`error: give one of --${what}-password-file and --${what}-password-env`);
  }
  if (file !== undefined) return (await readFile(file, "utf8")).replace(/\r?\n$/, "");
  if (variable === undefined) return undefined;
  const value = process.env[variable];
  return value ?? command.error(`error: the environment variable ${variable} is not set`);
}

/** Moves a client's files from where the server wrote them, durable there before they are gone here. */
export async function moveFiles(folder: string, output: string): Promise<string> {
  const target = resolve(output);
  const names = (await readdir(folder, { withFileTypes: true })).filter((each) => each.isFile());
  for (const { name } of names) {
    const content = await readFile(join(folder, name));
    const isPath = name === "pykmip.conf";
    const written = isPath ? Buffer.from(content.toString("utf8").replaceAll(folder, target)) : content;
    await writeDurably(join(target, name), written);
  }
  for (const { name } of names) await rm(join(folder, name));
  return target;
}
