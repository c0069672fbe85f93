import assert from "node:assert/strict";
import type { InteropSuite, SuiteContext } from "../suite.js";
import { type Shell, shellFor } from "./shell.js";

/** QEMU takes a passphrase as text, from a file; here one that its owner alone may read and that is gone afterwards. */
const withPassphrases = (script: string): string =>
  "keyreeve secret get image --base64 --output new; keyreeve secret get image --version 1 --base64 --output old; " +
  `trap 'rm -f old new' EXIT; ${script}`;

const oldKey = "--object secret,id=old,file=old";
const newKey = "--object secret,id=new,file=new";

const image = (key: string): string => `--image-opts driver=luks,file.filename=image.luks,key-secret=${key}`;

const io = (key: "old" | "new", command: string): string =>
  withPassphrases(`qemu-io --object secret,id=${key},file=${key} ${image(key)} -c '${command}'`);

async function run(context: SuiteContext): Promise<void> {
  const { checks, startServer } = context;
  const shell = shellFor(context, await startServer());
  await checks.check("an image is made with a passphrase from Keyreeve", async () => {
    await shell.succeed("keyreeve secret put image --random 32");
    const create = `qemu-img create -f luks ${newKey} -o key-secret=new,iter-time=10 image.luks 2M`;
    await shell.succeed(withPassphrases(create));
    assert.match(await shell.succeed("qemu-img info image.luks"), /encrypted: yes/);
  });
  await checks.check("what is written is read back, and is not in the image", async () => {
    await shell.succeed(io("new", "write -P 0x5a 0 1M"));
    await shell.succeed(io("new", "read -P 0x5a 0 1M"));
    assert.equal((await shell.run("grep -q ZZZZZZZZ image.luks")).code, 1);
  });
  await checks.check("another passphrase is refused", async () => {
    const wrong = `printf wrong >wrong; qemu-io --object secret,id=wrong,file=wrong ${image("wrong")} -c 'read 0 512'`;
    const { code, stderr } = await shell.run(wrong);
    assert.notEqual(code, 0);
    assert.match(stderr, /Invalid password/);
  });
  await rotate(context, shell);
  await checks.check("a copy that is converted with the passphrase has the data", async () => {
    await shell.succeed(withPassphrases(`qemu-img convert ${newKey} ${image("new")} -O raw plain.img`));
    await shell.succeed("qemu-io -f raw -c 'read -P 0x5a 0 1M' plain.img");
  });
}

async function rotate({ checks }: SuiteContext, shell: Shell): Promise<void> {
  const slot = "state=active,new-secret=new,keyslot=1,iter-time=10";
  await checks.check(
    "after a rotation qemu-img amend gives the new passphrase a slot and takes the old one's",
    async () => {
      await shell.succeed("keyreeve secret rotate image --random 32");
      await shell.succeed(withPassphrases(`qemu-img amend ${oldKey} ${newKey} ${image("old")} -o ${slot}`));
      await shell.succeed(io("old", "read -P 0x5a 0 1M"));
      const taking = `qemu-img amend ${oldKey} ${newKey} ${image("new")} -o state=inactive,old-secret=old`;
      await shell.succeed(withPassphrases(taking));
    },
  );
  await checks.check("the new passphrase reads the data, the old one is refused", async () => {
    await shell.succeed(io("new", "read -P 0x5a 0 1M"));
    const { code, stderr } = await shell.run(io("old", "read 0 512"));
    assert.notEqual(code, 0);
    assert.match(stderr, /Invalid password/);
  });
}

/** QEMU's LUKS images with passphrases from Keyreeve. */
export const qemuImgSuite: InteropSuite = {
  name: "qemu-img",
  proves: "qemu-img makes, reads, re-keys and converts LUKS images with passphrases from Keyreeve",
  speed: "slow",
  debianPackages: [{ name: "qemu-utils", file: "/usr/bin/qemu-img" }],
  run,
};
