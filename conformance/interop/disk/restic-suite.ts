import assert from "node:assert/strict";
import type { InteropSuite, SuiteContext } from "../suite.js";
import { type Shell, shellFor } from "./shell.js";

/** As an administrator calls it: restic asks Keyreeve for the password at each run. */
const restic = (...version: readonly string[]): string =>
  `restic --quiet --no-cache -r repository --password-command "bash -c 'keyreeve secret get backup --base64 ${version.join(" ")}'"`;

async function run(context: SuiteContext): Promise<void> {
  const { checks, startServer } = context;
  const server = await startServer();
  const shell = shellFor(context, server);
  await checks.check("a repository is made whose password is in Keyreeve alone", async () => {
    await shell.succeed("keyreeve secret put backup --random 32");
    await shell.succeed(`${restic()} init`);
  });
  await checks.check("a backup is restored as it was", async () => {
    await shell.succeed("mkdir files; seq 100000 >files/numbers; head -c 100000 /dev/urandom >files/random");
    await shell.succeed(`${restic()} backup files`);
    await shell.succeed(`${restic()} restore latest --target restored; diff -r files restored/files`);
  });
  await checks.check("another password is refused", async () => {
    const { code, stderr } = await shell.run("RESTIC_PASSWORD=wrong restic --no-cache -r repository snapshots");
    assert.equal(code, 1);
    assert.match(stderr, /wrong password or no key found/);
  });
  await rotate(context, shell);
  await checks.check("a removed secret is not served, and restic says so", async () => {
    await shell.succeed("keyreeve secret remove backup");
    const { code, stderr } = await shell.run(`${restic()} snapshots`);
    assert.equal(code, 1);
    assert.match(stderr, /no secret "backup"/);
  });
  await checks.check("each run of restic is a Get in the audit trail", async () => {
    const rows = (await server.auditRows()).filter(({ operation }) => operation === "Get");
    assert.ok(rows.filter(({ outcome }) => outcome === "success").length >= 8);
  });
}

async function rotate({ checks }: SuiteContext, shell: Shell): Promise<void> {
  await checks.check("after a rotation the old version adds the new password to the repository", async () => {
    await shell.succeed("keyreeve secret rotate backup --random 32");
    await shell.succeed(`${restic("--version 1")} key add --new-password-file <(keyreeve secret get backup --base64)`);
    const before = await shell.succeed(`${restic()} key list --json`);
    const keys = JSON.parse(before) as readonly { readonly current: boolean; readonly id: string }[];
    assert.equal(keys.length, 2);
    const old = keys.find(({ current }) => !current);
    await shell.succeed(`${restic()} key remove ${old?.id}`);
  });
  await checks.check("the old password opens the repository no more", async () => {
    const { code, stderr } = await shell.run(`${restic("--version 1")} snapshots`);
    assert.equal(code, 1);
    assert.match(stderr, /wrong password or no key found/);
  });
  await checks.check("the new password reads all data and gives them back", async () => {
    await shell.succeed(`${restic()} check --read-data`);
    await shell.succeed(`${restic()} restore latest --target again; diff -r files again/files`);
  });
}

/** restic with its repository's password in Keyreeve. */
export const resticSuite: InteropSuite = {
  name: "restic",
  proves: "restic backs up and restores with a repository password that it fetches from Keyreeve at each run",
  speed: "short",
  debianPackages: [{ name: "restic", file: "/usr/bin/restic" }],
  run,
};
