import assert from "node:assert/strict";
import type { InteropSuite, SuiteContext } from "../suite.js";
import { type Shell, shellFor } from "./shell.js";

/** Few iterations, as the passphrases are random: the suite is about keys, not about slowing guesses down. */
const few = "--batch-mode --pbkdf pbkdf2 --pbkdf-force-iterations 1000";

/** The data of a LUKS1 image, by QEMU's own LUKS: cryptsetup gives it only through the device mapper of the kernel. */
const io = (command: string): string =>
  "keyreeve secret get disk --base64 --output passphrase; " +
  "qemu-io --object secret,id=key,file=passphrase " +
  `--image-opts driver=luks,file.filename=one.img,key-secret=key -c '${command}'; rm passphrase`;

const opens = (image: string, ...options: readonly string[]): string =>
  `keyreeve secret get disk --base64 ${options.join(" ")} | cryptsetup open --test-passphrase --key-file - ${image}`;

async function run(context: SuiteContext): Promise<void> {
  const { checks, startServer } = context;
  const server = await startServer();
  const shell = shellFor(context, server);
  await checks.check("LUKS1 and LUKS2 images are made with a passphrase from a pipe", async () => {
    await shell.succeed("keyreeve secret put disk --random 32; truncate -s 4M one.img; truncate -s 24M two.img");
    for (const [image, type] of [
      ["one.img", "luks1"],
      ["two.img", "luks2"],
    ]) {
      const format = `cryptsetup luksFormat --type ${type} ${few} --key-file - ${image}`;
      await shell.succeed(`keyreeve secret get disk --base64 | ${format}`);
      assert.match(await shell.succeed(`cryptsetup luksDump ${image}`), new RegExp(`Version:\\s+${type?.at(-1)}`));
    }
  });
  await checks.check("the passphrase opens them, another one does not", async () => {
    await shell.succeed(`${opens("one.img")}; ${opens("two.img")}`);
    assert.equal((await shell.run("printf wrong | cryptsetup open --test-passphrase --key-file - two.img")).code, 2);
  });
  await checks.check("what is written through the encryption is read back, and is not in the image", async () => {
    await shell.succeed(io("write -P 0x5a 0 1M"));
    await shell.succeed(io("read -P 0x5a 0 1M"));
    const { code } = await shell.run("tail -c 1048576 one.img | grep -q ZZZZZZZZ");
    assert.equal(code, 1, "the pattern is not there in plain");
  });
  await rotate(context, shell);
  await checks.check("a destroyed secret is not served any more, and opens nothing", async () => {
    await shell.succeed("keyreeve secret remove disk");
    const { code, stdout, stderr } = await shell.run("keyreeve secret get disk");
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /no secret "disk"/);
    assert.notEqual((await shell.run(opens("two.img"))).code, 0);
  });
  await checks.check("each time the passphrase was given stands in the audit trail", async () => {
    const given = (await server.auditRows()).filter(({ operation }) => operation === "Get");
    assert.ok(given.filter(({ outcome }) => outcome === "success").length >= 10);
  });
}

async function rotate({ checks }: SuiteContext, shell: Shell): Promise<void> {
  await checks.check("after a rotation luksChangeKey puts the new passphrase in the place of the old one", async () => {
    await shell.succeed("keyreeve secret rotate disk --random 32");
    const old = "<(keyreeve secret get disk --version 1 --base64)";
    await shell.succeed(
      `cryptsetup luksChangeKey ${few} --key-file ${old} one.img <(keyreeve secret get disk --base64)`,
    );
    await shell.succeed(opens("one.img"));
    assert.equal((await shell.run(opens("one.img", "--version 1"))).code, 2, "the old one opens nothing");
  });
  await checks.check("luksAddKey adds it, and luksRemoveKey takes the old one away", async () => {
    const old = "keyreeve secret get disk --version 1 --base64";
    await shell.succeed(
      `cryptsetup luksAddKey ${few} --key-file <(${old}) two.img <(keyreeve secret get disk --base64)`,
    );
    await shell.succeed(`${opens("two.img")}; ${opens("two.img", "--version 1")}`);
    await shell.succeed(`${old} | cryptsetup luksRemoveKey --batch-mode --key-file - two.img`);
    await shell.succeed(opens("two.img"));
    assert.equal((await shell.run(opens("two.img", "--version 1"))).code, 2);
  });
  await checks.check("the data are read with the new passphrase", () => shell.succeed(io("read -P 0x5a 0 1M")));
}

/** cryptsetup's LUKS with passphrases from Keyreeve. */
export const luksSuite: InteropSuite = {
  name: "luks",
  proves: "cryptsetup makes, opens and re-keys LUKS1 and LUKS2 images with passphrases from Keyreeve",
  speed: "short",
  debianPackages: [
    { name: "cryptsetup-bin", file: "/sbin/cryptsetup" },
    { name: "qemu-utils", file: "/usr/bin/qemu-io" },
  ],
  run,
};
