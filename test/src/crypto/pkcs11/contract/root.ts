import { createPublicKey, verify } from "node:crypto";
import t from "tap";
import type { RootPartition } from "#src/crypto/port.js";
import { refusal } from "./keys.js";

/** What the server's own partition does, on any module. */
export function rootContract(partition: RootPartition): void {
  t.test("what is sealed opens with its context, and with no other", async (t) => {
    for (const plaintext of [Buffer.from("a PIN"), Buffer.alloc(0), Buffer.alloc(4096, 1)]) {
      const sealed = await partition.seal(plaintext, "tenant-1");
      t.same(await partition.unseal(sealed, "tenant-1"), plaintext);
      await t.rejects(partition.unseal(sealed, "tenant-2"), refusal("decryption-failed"));
    }
  });

  t.test("the same sealed twice is not the same", async (t) => {
    const plaintext = Buffer.from("a PIN");
    t.notSame(await partition.seal(plaintext, "tenant-1"), await partition.seal(plaintext, "tenant-1"));
  });

  t.test("a sealed value altered in any part, cut or made up does not open", async (t) => {
    const sealed = await partition.seal(Buffer.from("a PIN"), "tenant-1");
    for (const at of [0, 1, 12, 13, 18, sealed.length - 1]) {
      const altered = Buffer.from(sealed);
      altered.writeUInt8(altered.readUInt8(at) ^ 1, at);
      await t.rejects(partition.unseal(altered, "tenant-1"), refusal("decryption-failed"), `byte ${at}`);
    }
    for (const length of [0, 1, 13, 28, sealed.length - 1]) {
      await t.rejects(partition.unseal(sealed.subarray(0, length), "tenant-1"), refusal("decryption-failed"));
    }
  });

  t.test("a checkpoint signature verifies elsewhere with the public key given", async (t) => {
    const data = Buffer.from("tree head");
    const publicKey = await partition.checkpointPublicKey();
    const key = createPublicKey({ key: publicKey, format: "der", type: "spki" });
    t.equal(key.asymmetricKeyDetails?.namedCurve, "prime256v1");
    t.equal(verify("sha256", data, key, await partition.signCheckpoint(data)), true);
    t.equal(verify("sha256", Buffer.from("another"), key, await partition.signCheckpoint(data)), false);
  });
}
