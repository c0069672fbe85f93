import { randomBytes } from "node:crypto";
import { cpSync, rmSync } from "node:fs";
import t from "tap";
import { startSoftHsm } from "#test/support/softhsm.js";
import { place, referenceTo } from "./contract/keys.js";

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

t.test("a folder that was copied to another place uses its own tokens, not those of the first", async (t) => {
  const hsm = await startSoftHsm();
  t.teardown(() => hsm.close());
  const stored = await hsm.partition.generateSecret({ ...place("token"), keyType: "aes", bits: 128 });
  await hsm.engine.stopPartition(hsm.options.tenantId);
  const folder = `${hsm.folder}-copied`;
  cpSync(hsm.folder, folder, { recursive: true });
  rmSync(hsm.folder, { recursive: true });
  const copied = hsm.engine.partition({ ...hsm.options, tenantId: "tenant-2", folder });
  const key = referenceTo(stored, "aes", "secret", "token");
  const ecb = { name: "ecb", padding: false } as const;
  t.equal((await copied.encrypt(key, ecb, Buffer.alloc(16))).data.length, 16);
});
