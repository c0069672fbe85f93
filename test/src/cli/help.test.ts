import { readFileSync, rmSync } from "node:fs";
import { type Command, CommanderError } from "commander";
import { test } from "tap";
import { commandLine, leaves, withSubcommands } from "#src/cli/program.js";
import { commandReference } from "#src/cli/reference.js";
import { runKeyreeve, temporaryHome } from "#test/support/server.js";
import { referencesOf, sourceFiles } from "#test/support/source-files.js";

/** A data directory that is gone when all is tested. */
function emptyHome(): string {
  const home = temporaryHome();
  process.once("exit", () => rmSync(home, { recursive: true, force: true }));
  return home;
}

/** Every command, as the words that call it. */
const commands = [
  "init",
  "serve",
  "status",
  "doctor",
  "tenant create",
  "tenant list",
  "tenant show",
  "tenant ca",
  "tenant set",
  "tenant suspend",
  "tenant resume",
  "tenant rotate-kek",
  "tenant destination add",
  "tenant destination list",
  "tenant destination remove",
  "tenant trust add",
  "tenant trust list",
  "tenant trust show",
  "tenant trust crl",
  "tenant trust remove",
  "client issue",
  "client sign",
  "client renew",
  "client change",
  "client list",
  "client revoke",
  "client pending",
  "client accept",
  "client reject",
  "client credential set",
  "client credential list",
  "client credential remove",
  "put",
  "secret put",
  "secret get",
  "secret list",
  "secret show",
  "secret rotate",
  "secret remove",
  "key migrate",
  "task list",
  "task show",
  "task cancel",
  "audit list",
  "audit verify",
  "audit export",
  "integrity scan",
  "hsm info",
  "hsm probe",
  "trace start",
  "trace stop",
  "trace list",
  "trace show",
  "replay",
  "conformance",
  "version",
];

const words = (command: Command): string[] =>
  command.parent === null ? [] : [...words(command.parent), command.name()];

test("the command line has these commands and no others", async (t) => {
  t.same(
    leaves(commandLine()).map((command) => words(command).join(" ")),
    commands,
  );
});

test("the help of each command names its arguments and options, and those of every command", async (t) => {
  for (const command of withSubcommands(commandLine())) {
    let help = "";
    const collect = (text: string): void => {
      help += text;
    };
    command.configureOutput({ writeOut: collect }).outputHelp();
    const name = words(command).join(" ") || "keyreeve";
    for (const { long, short } of command.options) t.match(help, long ?? short ?? "", `${name} ${long ?? short}`);
    for (const argument of command.registeredArguments) {
      const words = argument.variadic ? `${argument.name()}...` : argument.name();
      t.ok(help.includes(argument.required ? `<${words}>` : `[${words}]`), name);
    }
    t.match(help, command.description().split(" ", 3).join(" "), name);
    t.match(help, /--home <dir>/, name);
    t.match(help, /--config <file>/, name);
  }
});

test("every command that lists something prints JSON on demand", async (t) => {
  for (const command of leaves(commandLine())) {
    // What trace show prints is a transcript, a format of its own.
    const isListing =
      !["init", "serve", "export"].includes(command.name()) && words(command).join(" ") !== "trace show";
    t.equal(
      command.options.some(({ long }) => long === "--json"),
      isListing,
      words(command).join(" "),
    );
  }
});

test("docs/cli.md is what the commands say (run `npm run docs`)", async (t) => {
  t.equal(readFileSync("docs/cli.md", "utf8"), commandReference());
});

test("a command line that makes no sense ends with exit code 2 and says why", async (t) => {
  const home = emptyHome();
  const senseless: readonly (readonly [readonly string[], RegExp])[] = [
    [["tenant"], /Usage: keyreeve tenant/],
    [["tenant", "create"], /missing required argument 'name'/],
    [["tenant", "create", "x", "--custody", "paper"], /Allowed choices are wrapped, token/],
    [["tenant", "create", "x", "--token-label", "t"], /--token-label and one of --pin-file and --pin-env/],
    [["client", "issue", "x"], /required option '--tenant <tenant>'/],
    [["client", "issue", "x", "--tenant", "demo", "--days", "0"], /whole number from 1 to 3650/],
    [["audit", "list", "--limit", "many"], /whole number from 1 to 10000/],
    [["frobnicate"], /unknown command 'frobnicate'/],
    [["status", "--jsonn"], /unknown option '--jsonn'/],
  ];
  const outcomes = await Promise.all(senseless.map(([line]) => runKeyreeve(home, line)));
  for (const [index, [line, reason]] of senseless.entries()) {
    t.match(outcomes[index], { code: 2, stderr: reason, stdout: "" }, line.join(" "));
  }
});

test("help and version are no failures", async (t) => {
  const home = emptyHome();
  t.match(await runKeyreeve(home, ["audit", "list", "--help"]), { code: 0, stdout: /--since <time>/, stderr: "" });
  t.match(await runKeyreeve(home, ["--version"]), { code: 0, stdout: /^\d+\.\d+\.\d+\n$/ });
  t.match(await runKeyreeve(home, ["version", "--json"]), { code: 0, stdout: /"kmip": \[/ });
});

test("the command line loads nothing of the server before a command runs", async (t) => {
  const heavy =
    /^(node:https|fastify|knex|pino|zod|yaml|cli-table3|pkcs11js|node-forge)$|#(storage|certs|src\/(main|crypto))/;
  const loaded = new Set<string>();
  const byPath = new Map(sourceFiles().map((file) => [file.path, file]));
  const walk = (path: string): void => {
    const file = byPath.get(path);
    if (file === undefined || loaded.has(path)) return;
    loaded.add(path);
    for (const reference of referencesOf(file)) {
      const isLater = file.text.split("\n")[reference.line - 1]?.includes("import(");
      if (reference.typeOnly || isLater) continue;
      if (reference.kind === "own") walk(reference.target);
      t.notMatch(reference.specifier, heavy, `${path} imports ${reference.specifier}`);
    }
  };
  walk("src/cli/keyreeve.ts");
  t.ok(loaded.size > commands.length);
});

test("errors of commander are thrown and never end the process by themselves", async (t) => {
  for (const command of withSubcommands(commandLine())) {
    command.configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
    t.throws(() => command.error("no"), CommanderError, words(command).join(" "));
  }
});
