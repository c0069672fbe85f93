import { existsSync, statSync, truncateSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import t from "tap";
import type { KeyReference } from "#src/crypto/port.js";
import { fastWorker, tokenFile, untilAvailable } from "#test/support/hsm-faults.js";
import { startSoftHsm } from "#test/support/softhsm.js";
import { importSecret, newObjectId, place, referenceTo, refusal } from "./contract/keys.js";

const ECB = { name: "ecb", padding: false } as const;
const BLOCK = Buffer.alloc(16, 5);

t.test("a token that went away makes the partition unavailable, never its keys missing", async (t) => {
  const hsm = await startSoftHsm();
  t.teardown(() => hsm.close());
  const { partition } = hsm;
  const stored = await partition.generateSecret({ ...place("token"), keyType: "aes", bits: 256 });
  const key = referenceTo(stored, "aes", "secret", "token");
  await partition.encrypt(key, ECB, BLOCK);
  const tokens = join(hsm.folder, "tokens");
  await rename(tokens, `${tokens}.away`);
  const unopened: KeyReference = { ...key, objectId: newObjectId() };
  await t.rejects(partition.encrypt(unopened, ECB, BLOCK), refusal("unavailable"));
  await t.rejects(partition.destroyKey(unopened), refusal("unavailable"));
  await t.rejects(partition.tokenKeys(), refusal("unavailable"));
  await t.rejects(partition.checkHealth(), refusal("unavailable"));
  await rename(`${tokens}.away`, tokens);
  await untilAvailable(partition);
  t.equal((await partition.encrypt(key, ECB, BLOCK)).data.length, 16, "and it is there again");
});

t.test("a token that was away for a moment wraps keys again", async (t) => {
  const hsm = await startSoftHsm();
  t.teardown(() => hsm.close());
  const { partition } = hsm;
  const makeKey = () => partition.generateSecret({ ...place("wrapped"), keyType: "aes", bits: 256 });
  await makeKey();
  const tokens = join(hsm.folder, "tokens");
  await rename(tokens, `${tokens}.away`);
  await t.rejects(makeKey(), refusal("unavailable"));
  await rename(`${tokens}.away`, tokens);
  await untilAvailable(partition);
  await t.resolves(makeKey(), "its key-encryption key is found anew");
});

t.test("a partition that cannot be opened refuses at once while its circuit is open", async (t) => {
  const hsm = await startSoftHsm();
  t.teardown(() => hsm.close());
  const tokens = join(hsm.folder, "tokens");
  await rename(tokens, `${tokens}.away`);
  await t.rejects(hsm.partition.checkHealth(), refusal("unavailable"));
  t.equal(fastWorker(hsm.engine)?.circuitOpen, true);
  const processId = fastWorker(hsm.engine)?.processId;
  await t.rejects(hsm.partition.checkHealth(), refusal("unavailable"));
  t.equal(processId, undefined, "no process is started for it");
});

t.test("a token file that a crash left empty is put back from its copy before the next login", async (t) => {
  const hsm = await startSoftHsm();
  t.teardown(() => hsm.close());
  const key = await importSecret(hsm.partition, "aes", "21".repeat(32));
  await hsm.engine.stopPartition(hsm.options.tenantId);
  const file = tokenFile(hsm);
  t.ok(existsSync(file));
  truncateSync(file, 0);
  const again = hsm.engine.partition(hsm.options);
  t.equal((await again.encrypt(key, ECB, BLOCK)).data.length, 16);
  t.ok(statSync(file).size > 0);
});

t.test("a PIN the token refuses is not tried over and over", async (t) => {
  const hsm = await startSoftHsm();
  t.teardown(() => hsm.close());
  await hsm.engine.stopPartition(hsm.options.tenantId);
  let pin = "wrong-pin";
  const partition = hsm.engine.partition({ ...hsm.options, pin: () => Promise.resolve(Buffer.from(pin)) });
  const before = statSync(tokenFile(hsm)).mtimeMs;
  await t.rejects(partition.checkHealth(), refusal("unavailable"));
  const tried = statSync(tokenFile(hsm)).mtimeMs;
  t.ok(tried >= before);
  await new Promise((resolve) => setTimeout(resolve, 900));
  await t.rejects(partition.checkHealth(), { code: "unavailable", message: /refused this PIN/ });
  t.equal(statSync(tokenFile(hsm)).mtimeMs, tried, "no login since");
  pin = (await hsm.options.pin()).toString();
  await untilAvailable(partition);
  t.pass("the right PIN is tried at once");
});
