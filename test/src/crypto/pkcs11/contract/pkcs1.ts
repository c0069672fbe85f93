import { constants, generateKeyPairSync, publicEncrypt, randomBytes } from "node:crypto";
import t from "tap";
import type { KeyReference, Partition } from "#src/crypto/port.js";
import { importPrivate, publicReference, refusal } from "./keys.js";

const length = 256;

/** Encoded messages with wrong padding, by what is wrong. */
const wrong: Readonly<Record<string, (encoded: Buffer) => void>> = {
  "no leading zero": (encoded) => void encoded.writeUInt8(1, 0),
  "block type 1": (encoded) => void encoded.writeUInt8(1, 1),
  "block type 0": (encoded) => void encoded.writeUInt8(0, 1),
  "a zero in the first eight bytes": (encoded) => void encoded.writeUInt8(0, 9),
  "no separator": (encoded) => void encoded.fill(7, 2),
};

/** What RSA decryption with PKCS#1 v1.5 padding does on every module. */
export function pkcs1Contract(partition: Partition): void {
  const pair = generateKeyPairSync("rsa", { modulusLength: length * 8 });
  const pkcs8 = pair.privateKey.export({ format: "der", type: "pkcs8" });
  const publicKey = publicReference(pair.publicKey.export({ format: "der", type: "spki" }), "rsa");
  const encrypted = async (change: (encoded: Buffer) => void, message = Buffer.from("a message")): Promise<Buffer> => {
    const encoded = Buffer.concat([
      Buffer.from([0, 2]),
      Buffer.alloc(length - message.length - 3, 5),
      Buffer.from([0]),
      message,
    ]);
    change(encoded);
    return (await partition.encrypt(publicKey, { name: "rsa-raw" }, encoded)).data;
  };
  const opened = (key: KeyReference, data: Buffer, expected: number | null = null) =>
    partition.decryptPkcs1(key, data, expected);

  t.test("every ciphertext of the right length opens, one with wrong padding to bytes that stand in", async (t) => {
    const key = await importPrivate(partition, "rsa", pkcs8);
    t.same(await opened(key, await encrypted(() => undefined)), { data: Buffer.from("a message"), rejected: false });
    const lengths = new Set<number>();
    for (const [what, change] of Object.entries(wrong)) {
      const ciphertext = await encrypted(change);
      const first = await opened(key, ciphertext);
      t.equal(first.rejected, true, what);
      t.same(await opened(key, ciphertext), first, `${what}: the same every time`);
      t.ok(first.data.length <= length - 11);
      lengths.add(first.data.length);
    }
    t.ok(lengths.size > 1, "their lengths vary");
  });

  t.test("what stands in is another under another key, and of the length expected", async (t) => {
    const ciphertext = await encrypted((encoded) => void encoded.fill(7, 2));
    const [one, other] = [await importPrivate(partition, "rsa", pkcs8), await importPrivate(partition, "rsa", pkcs8)];
    const made = await opened(one, ciphertext, 32);
    t.equal(made.data.length, 32);
    t.notSame((await opened(other, ciphertext, 32)).data, made.data);
    const genuine = await encrypted(() => undefined, randomBytes(16));
    t.match(await opened(one, genuine, 32), { rejected: true, data: { length: 32 } });
    t.match(await opened(one, genuine, 16), { rejected: false, data: { length: 16 } });
  });

  t.test("numbers that tokens refuse open all the same, and another length is refused", async (t) => {
    const key = await importPrivate(partition, "rsa", pkcs8, "token");
    for (const ciphertext of [
      Buffer.alloc(length),
      Buffer.alloc(length, 0xff),
      Buffer.concat([Buffer.alloc(length - 1), Buffer.from([1])]),
    ]) {
      t.match(await opened(key, ciphertext), { rejected: true });
    }
    for (const other of [0, 1, length - 1, length + 1]) {
      await t.rejects(opened(key, Buffer.alloc(other, 1)), refusal("decryption-failed"), `${other} bytes`);
    }
    const foreign = publicEncrypt({ key: pair.publicKey, padding: constants.RSA_PKCS1_PADDING }, Buffer.alloc(0));
    t.match(await opened(key, foreign), { rejected: false, data: { length: 0 } });
  });

  t.test("the token itself is never asked whether such a padding is good", async (t) => {
    const key = await importPrivate(partition, "rsa", pkcs8);
    const ciphertext = await encrypted(() => undefined);
    await t.rejects(partition.decrypt(key, { name: "rsa-pkcs1" }, ciphertext, null), refusal("unsupported"));
  });
}
