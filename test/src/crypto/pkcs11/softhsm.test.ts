import { randomBytes } from "node:crypto";
import t from "tap";
import { startSoftHsm } from "#test/support/softhsm.js";

t.test("a key made in the token encrypts, and after a restart of the worker still decrypts", async (t) => {
  const hsm = await startSoftHsm();
  t.teardown(() => hsm.close());
  const { partition, engine, options } = hsm;
  const stored = await partition.generateSecret({ objectId: "k", keyType: "aes", bits: 256, custody: "wrapped" });
  const key = { objectId: "k", custody: "wrapped", keyClass: "secret", keyType: "aes", ...stored } as const;
  const gcm = { name: "gcm", iv: randomBytes(12), additionalData: Buffer.from("aad"), tagLength: 16 } as const;
  const { data, tag } = await partition.encrypt(key, gcm, Buffer.from("plaintext"));
  await engine.stopPartition(options.tenantId);
  const again = engine.partition(options);
  t.equal((await again.decrypt(key, gcm, data, tag)).toString(), "plaintext");
});
