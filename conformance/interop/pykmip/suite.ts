import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ClientFiles, freePort, type InteropServer, projectRoot, readText } from "../interop-server.js";
import type { DebianPackage, InteropSuite, SuiteContext } from "../suite.js";

/** Debian's Python: PyKMIP 0.10 needs 3.11 or older. */
export const python = "/usr/bin/python3";

/** PyKMIP 0.10. */
export const pykmipPackage: DebianPackage = {
  name: "python3-pykmip",
  file: "/usr/lib/python3/dist-packages/kmip/__init__.py",
};

/** The folder of the suite's Python programs. */
const programFolder = join(projectRoot, "conformance/interop/pykmip");

/** Runs one of the suite's programs and takes over its checks. */
async function runProgram({ checks, programs }: SuiteContext, name: string, args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await programs.run(python, [join(programFolder, name), ...args], { seconds: 300 });
  checks.recordTap(stdout);
  await checks.check(`${name} ran to its end`, () => assert.notEqual(code, null, stderr));
}

const configurationOf = ({ folder }: ClientFiles): string => join(folder, "pykmip.conf");

/** Registers a username and password for a client. */
async function setPassword(server: InteropServer, folder: string, client: string, username: string): Promise<void> {
  const file = join(folder, "password");
  writeFileSync(file, password);
  const what = ["--tenant", "demo", "--username", username, "--password-file", file];
  await server.keyreeve("client", "credential", "set", client, ...what);
}

/** A configuration of PyKMIP for another port, without a certificate of the client. */
function withoutCertificate(folder: string, client: ClientFiles, port: number): string {
  const own = readText(join(client.folder, "pykmip.conf"));
  const without = own.replace(/^(certfile|keyfile)=.*$/gm, "$1=None").replace(/^port=.*$/m, `port=${port}`);
  const file = join(folder, "without-certificate.conf");
  writeFileSync(file, without);
  return file;
}

const password = "correct horse battery staple";

/** Certificates with and without credentials, as PyKMIP sends them: with every request. */
async function checkCredentials(context: SuiteContext, server: InteropServer, port: number): Promise<void> {
  const alone = configurationOf(server.client);
  const both = configurationOf(await server.issueClient("with-password"));
  await setPassword(server, context.folder, "with-password", "operator");
  const play = (
    wanted: string,
    sentence: string,
    configuration: string,
    ...settings: readonly string[]
  ): Promise<void> => runProgram(context, "credentials.py", [wanted, sentence, configuration, ...settings]);
  const known = ["username=operator", `password=${password}`];
  await play("served", "a username that nobody registered is passed over", alone, "username=a", "password=b");
  await play("served", "certificate and credential together are taken", both, ...known);
  await play("refused", "the certificate alone is refused where a credential is registered", both);
  await play("refused", "a wrong password is refused", both, "username=operator", "password=guess");
  await setPassword(server, context.folder, "demo-client", "visitor");
  const without = withoutCertificate(context.folder, server.client, port);
  const visitor = ["username=demo/visitor", `password=${password}`];
  await play("served", "a credential alone is taken where certificates are optional", without, ...visitor);
  await play("refused", "neither certificate nor credential is refused there", without);
}

async function run(context: SuiteContext): Promise<void> {
  const port = await freePort();
  const server = await context.startServer({
    configuration: { kmip: { listeners: [{ name: "passwords", port, clientCertificate: "optional" }] } },
  });
  await runProgram(context, "main.py", [configurationOf(server.client)]);
  const behaviours = context.checks.results.length;
  await context.checks.check("every behaviour ran in every version", () => assert.ok(behaviours > 250));
  const edb = await server.issueClient("edb");
  await server.keyreeve("client", "change", "edb", "--tenant", "demo", "--profile", "edb");
  await runProgram(context, "flows.py", [configurationOf(server.client), configurationOf(edb)]);
  await checkCredentials(context, server, port);
}

/** PyKMIP 0.10 as Debian ships it. */
export const pykmipSuite: InteropSuite = {
  name: "pykmip",
  proves: "PyKMIP does everything it can do, in every version it speaks",
  speed: "short",
  debianPackages: [pykmipPackage],
  run,
};
