import { createHash, randomBytes } from "node:crypto";
import t from "tap";
import { CryptoError, type KeyReference } from "#src/crypto/port.js";
import { signalWorker, untilAvailable } from "#test/support/hsm-faults.js";
import { startSoftHsm, unhurried } from "#test/support/softhsm.js";

const hsm = await startSoftHsm(unhurried);
t.teardown(() => hsm.close());
const { partition, engine } = hsm;

const common = { objectId: "a key", keyClass: "secret", keyType: "aes", custody: "wrapped" } as const;
const stored = await partition.generateSecret({ ...common, bits: 128 });
const key: KeyReference = { ...common, ...stored };
const gcm = { name: "gcm", iv: randomBytes(12), additionalData: Buffer.alloc(0), tagLength: 16 } as const;

async function refusal(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
    return "done";
  } catch (error) {
    if (error instanceof CryptoError) return error.code;
    throw error;
  }
}

t.test("streams side by side do not mix, and the key may be used beside them", async (t) => {
  const parts = [randomBytes(20), randomBytes(30)] as const;
  for (const name of ["one", "two"]) await partition.openStream(name, { kind: "digest", hash: "sha256" });
  await partition.openStream("three", { kind: "encrypt", key, specification: gcm });
  await partition.updateStream("one", parts[0]);
  await partition.updateStream("two", parts[1]);
  const first = await partition.updateStream("three", parts[0]);
  const whole = await partition.encrypt(key, gcm, Buffer.concat(parts));
  await partition.updateStream("one", parts[1]);
  const second = await partition.updateStream("three", parts[1]);
  const last = await partition.finishStream("three");
  t.same(await partition.finishStream("one"), createHash("sha256").update(parts[0]).update(parts[1]).digest());
  t.same(await partition.finishStream("two"), createHash("sha256").update(parts[1]).digest());
  t.same(Buffer.concat([first, second, last]), Buffer.concat([whole.data, whole.tag ?? Buffer.alloc(0)]));
});

t.test("a stream that is not there is lost, one name is one stream, and closing what is gone is fine", async (t) => {
  t.equal(await refusal(() => partition.updateStream("nobody's", randomBytes(5))), "stream-lost");
  await partition.openStream("mine", { kind: "digest", hash: "sha1" });
  t.equal(await refusal(() => partition.openStream("mine", { kind: "digest", hash: "sha1" })), "invalid-data");
  await partition.closeStream("mine");
  await partition.closeStream("mine");
  t.equal(await refusal(() => partition.finishStream("mine")), "stream-lost");
});

t.test("plaintext of a cipher with a tag does not stream, and what the token lacks is said at once", async (t) => {
  const decrypting = { kind: "decrypt", key, specification: gcm } as const;
  t.equal(await refusal(() => partition.openStream("early", decrypting)), "invalid-data");
  const cfb = { kind: "encrypt", key, specification: { name: "cfb", iv: randomBytes(16) } } as const;
  t.equal(await refusal(() => partition.openStream("lacking", cfb)), "unsupported");
  t.equal(await refusal(() => partition.openStream("sha3", { kind: "digest", hash: "sha3-256" })), "unsupported");
});

t.test("a worker has so many streams and no more", async (t) => {
  const digest = { kind: "digest", hash: "sha1" } as const;
  const names = Array.from({ length: 1024 }, (_, index) => `stream ${index}`);
  await Promise.all(names.map((name) => partition.openStream(name, digest)));
  t.equal(await refusal(() => partition.openStream("one more", digest)), "overloaded");
  await Promise.all(names.map((name) => partition.closeStream(name)));
  await partition.openStream("one more", digest);
  await partition.closeStream("one more");
});

t.test("a worker that was replaced has lost its streams, and says so", async (t) => {
  await partition.openStream("before", { kind: "encrypt", key, specification: gcm });
  signalWorker(engine, "SIGKILL");
  await untilAvailable(partition);
  t.equal(await refusal(() => partition.updateStream("before", randomBytes(5))), "stream-lost");
});
