import { generateKeyPairSync, randomBytes } from "node:crypto";
import t from "tap";
import type { KeyReference, Partition } from "#src/crypto/port.js";
import {
  importPrivate,
  importSecret,
  newObjectId,
  nextKeyEncryptionKey,
  publicReference,
  referenceTo,
  refusal,
} from "./keys.js";

const ECB = { name: "ecb", padding: false } as const;
const BLOCK = Buffer.alloc(16, 7);

/** Versions of the key-encryption key, and keys that go from one to another and into the token, on any module. */
export function hierarchyContract(partition: Partition): void {
  t.test("a key of any kind and length is the same under a new key-encryption key", async (t) => {
    const pairs = [
      generateKeyPairSync("rsa", { modulusLength: 2048 }),
      generateKeyPairSync("ec", { namedCurve: "P-256" }),
    ];
    const [rsa, ec] = pairs.map(({ privateKey }) => privateKey.export({ format: "der", type: "pkcs8" }));
    const keys = [
      await importSecret(partition, "generic", "0123456789"),
      await importSecret(partition, "aes", "16".repeat(32)),
      await importSecret(partition, "generic", "77".repeat(250)),
      await importPrivate(partition, "rsa", rsa ?? BLOCK),
      await importPrivate(partition, "ec", ec ?? BLOCK),
    ];
    const version = await nextKeyEncryptionKey(partition);
    for (const key of keys) {
      const stored = await partition.rewrapKey(key);
      t.equal(stored.keyEncryptionKeyVersion, version);
      t.notSame(stored.material, key.material);
      const anew = referenceTo(stored, key.keyType, key.keyClass);
      t.same(await partition.exportKey(anew), await partition.exportKey(key), "the old version still opens");
      await partition.proveKey(anew);
    }
  });

  t.test("a version of the key-encryption key that is there is not made twice, and none is left out", async (t) => {
    const version = await nextKeyEncryptionKey(partition);
    const key = await importSecret(partition, "aes", "23".repeat(16));
    t.equal(key.keyEncryptionKeyVersion, version);
    await partition.makeKeyEncryptionKey(version);
    await partition.proveKey(key);
    await t.rejects(partition.makeKeyEncryptionKey(version + 2), refusal("invalid-data"));
  });

  t.test("the oldest key-encryption key can be removed, never the newest or one between", async (t) => {
    const key = await importSecret(partition, "aes", "24".repeat(16));
    await nextKeyEncryptionKey(partition);
    const newest = await nextKeyEncryptionKey(partition);
    const anew = referenceTo(await partition.rewrapKey(key), "aes");
    await t.rejects(partition.removeKeyEncryptionKey(newest), refusal("invalid-data"));
    await t.rejects(partition.removeKeyEncryptionKey(newest - 1), refusal("invalid-data"));
    for (const version of await partition.keyEncryptionKeyVersions()) {
      if (version < newest) await partition.removeKeyEncryptionKey(version);
    }
    await partition.removeKeyEncryptionKey(1);
    t.same(await partition.keyEncryptionKeyVersions(), [newest]);
    await partition.proveKey(anew);
    await t.rejects(partition.proveKey({ ...key, objectId: newObjectId() }), refusal("key-missing"));
    t.equal((await importSecret(partition, "aes", "25".repeat(16))).keyEncryptionKeyVersion, newest);
  });

  t.test("a key is proved by opening it: one that was cut, altered or is another's type is damaged", async (t) => {
    const key = await importSecret(partition, "aes", "26".repeat(16));
    await partition.proveKey(key);
    const altered = Buffer.from(key.material);
    altered.writeUInt8(altered.readUInt8(5) ^ 1, 5);
    for (const material of [altered, key.material.subarray(0, 16), Buffer.alloc(0)]) {
      await t.rejects(partition.proveKey({ ...key, material }), refusal("damaged"));
    }
  });

  t.test("a wrapped key that is moved into the token does there what it did before", async (t) => {
    const key = await importSecret(partition, "aes", "27".repeat(16));
    const tokenId = randomBytes(16);
    await partition.moveToToken(key, { tokenId });
    const moved: KeyReference = { ...key, custody: "token", material: tokenId, keyEncryptionKeyVersion: 0 };
    t.same(await partition.encrypt(moved, ECB, BLOCK), await partition.encrypt(key, ECB, BLOCK));
    await t.rejects(partition.exportKey(moved), refusal("not-extractable"));
    await t.rejects(partition.moveToToken(moved, { tokenId: randomBytes(16) }), refusal("invalid-data"));
    await partition.destroyKey(moved);
  });

  t.test("a private key that is moved into the token signs there as before", async (t) => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const key = await importPrivate(partition, "ec", privateKey.export({ format: "der", type: "pkcs8" }));
    const tokenId = randomBytes(16);
    await partition.moveToToken(key, { tokenId });
    const moved: KeyReference = { ...key, custody: "token", material: tokenId, keyEncryptionKeyVersion: 0 };
    const signature = await partition.sign(moved, { name: "ecdsa", hash: "sha256" }, BLOCK);
    const verifying = publicReference(publicKey.export({ format: "der", type: "spki" }), "ec");
    t.equal(await partition.verify(verifying, { name: "ecdsa", hash: "sha256" }, BLOCK, signature), true);
    await partition.destroyKey(moved);
  });
}
