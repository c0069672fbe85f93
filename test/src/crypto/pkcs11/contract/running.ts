import { createHash, randomBytes } from "node:crypto";
import t from "tap";
import type { HsmEngine, PartitionOptions } from "#src/crypto/pkcs11/engine.js";
import { CryptoError, type KeyReference, type Partition, type RootPartition } from "#src/crypto/port.js";
import { fastWorker, signalWorker, untilAvailable } from "#test/support/hsm-faults.js";
import { importSecret, newObjectId, place, referenceTo, refusal } from "./keys.js";

/** What differs between modules. */
export interface RunningAbilities {
  /** The module encrypts by AES-GCM in parts. */
  readonly gcmInParts: boolean;
}

/** A partition that runs, whatever its module. */
export interface Running {
  readonly engine: HsmEngine;
  readonly partition: Partition & RootPartition;
  readonly options: PartitionOptions;
}

const ECB = { name: "ecb", padding: false } as const;
const BLOCK = Buffer.alloc(16, 5);

/** How a partition works over time, as its workers come and go: streams, restarts, hangs, bounds, binding again. */
export function runningContract({ engine, partition, options }: Running, abilities: RunningAbilities): void {
  streamContract(partition, engine, abilities);

  t.test("a worker killed under load is replaced, and every call that can be repeated is answered", async (t) => {
    const key = await importSecret(partition, "aes", "12".repeat(32));
    const expected = (await partition.encrypt(key, ECB, BLOCK)).data;
    let answered = 0;
    const load = Array.from({ length: 16 }, async () => {
      for (let call = 0; call < 60; call += 1) {
        const { data } = await partition.encrypt(key, ECB, BLOCK);
        answered += data.equals(expected) ? 1 : 0;
      }
    });
    while (answered < 200) await new Promise(setImmediate);
    signalWorker(engine, "SIGKILL");
    await Promise.all(load);
    t.equal(answered, 960);
  });

  t.test("a key being made in the token while the worker dies is not made twice", async (t) => {
    await partition.checkHealth();
    const before = (await partition.tokenKeys()).length;
    signalWorker(engine, "SIGSTOP");
    const making = partition.generateSecret({ ...place("token"), keyType: "aes", bits: 256 });
    setTimeout(() => signalWorker(engine, "SIGKILL"), 50);
    await t.rejects(making, refusal("unavailable"));
    await untilAvailable(partition);
    t.equal((await partition.tokenKeys()).length, before);
  });

  t.test("many wrapped keys in turn leave no more session objects than the cache may hold", async (t) => {
    const limit = 4096;
    const key = await importSecret(partition, "aes", randomBytes(32).toString("hex"));
    const calls = Array.from({ length: limit + 500 }, () => newObjectId());
    for (let at = 0; at < calls.length; at += 256) {
      const some = calls.slice(at, at + 256);
      await Promise.all(some.map((objectId) => partition.encrypt({ ...key, objectId }, ECB, BLOCK)));
    }
    t.ok((await engine.sessionObjects(options.tenantId)) <= limit);
  });

  t.test(
    "a key destroyed in the token is missing from then on, and one never there is not taken for lost",
    async (t) => {
      const stored = await partition.generateSecret({ ...place("token"), keyType: "aes", bits: 128 });
      const key = referenceTo(stored, "aes", "secret", "token");
      await partition.encrypt(key, ECB, BLOCK);
      await partition.destroyKey(key);
      await t.rejects(partition.encrypt(key, ECB, BLOCK), refusal("key-missing"));
      await partition.destroyKey(key);
    },
  );

  t.test("everything is found after all workers were restarted and the token was bound again", async (t) => {
    const wrapped = await importSecret(partition, "aes", "31".repeat(32));
    const algorithm = { keyType: "ec", curve: "P-256" } as const;
    const pair = await partition.generatePair({ ...place("token"), algorithm });
    const inToken = referenceTo(pair.privateKey, "ec", "private", "token");
    const mac = await partition.authenticate(BLOCK);
    const sealed = await partition.seal(Buffer.from("a PIN"), "tenant-2");
    const publicKey = await partition.checkpointPublicKey();
    await engine.stopPartition(options.tenantId);
    const { tenantId: _name, ...token } = options;
    t.same(await engine.bindToken({ ...token, root: true }), { label: token.tokenLabel, serial: token.tokenSerial });
    const again = engine.rootPartition(options);
    t.equal((await again.exportKey(wrapped)).toString("hex"), "31".repeat(32));
    t.ok((await again.sign(inToken, { name: "ecdsa", hash: "sha256" }, BLOCK)).length > 60);
    t.same(await again.authenticate(BLOCK), mac);
    t.equal((await again.unseal(sealed, "tenant-2")).toString(), "a PIN");
    t.same(await again.checkpointPublicKey(), publicKey);
    t.equal(fastWorker(engine)?.restarts, 0);
  });
}

async function codeOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
    return "done";
  } catch (error) {
    if (error instanceof CryptoError) return error.code;
    throw error;
  }
}

function streamContract(partition: Partition, engine: HsmEngine, { gcmInParts }: RunningAbilities): void {
  const ctr = { name: "ctr", iv: randomBytes(16), counterBits: 128 } as const;
  const gcm = { name: "gcm", iv: randomBytes(12), additionalData: Buffer.alloc(0), tagLength: 16 } as const;
  const made = async (): Promise<KeyReference> => importSecret(partition, "aes", "21".repeat(16));

  t.test("streams side by side do not mix, and their key may be used beside them", async (t) => {
    const key = await made();
    const parts = [randomBytes(20), randomBytes(30)] as const;
    for (const name of ["one", "two"]) await partition.openStream(name, { kind: "digest", hash: "sha256" });
    const cipher = gcmInParts ? gcm : ctr;
    if (!gcmInParts) {
      const refused = partition.openStream("three", { kind: "encrypt", key, specification: gcm });
      await t.rejects(refused, refusal("unsupported"));
    }
    await partition.openStream("three", { kind: "encrypt", key, specification: cipher });
    await partition.openStream("four", { kind: "mac", key, specification: { name: "cmac" } });
    await partition.updateStream("one", parts[0]);
    await partition.updateStream("two", parts[1]);
    const first = await partition.updateStream("three", parts[0]);
    await partition.updateStream("four", parts[0]);
    const whole = await partition.encrypt(key, cipher, Buffer.concat(parts));
    await partition.updateStream("one", parts[1]);
    const second = await partition.updateStream("three", parts[1]);
    const last = await partition.finishStream("three");
    t.same(await partition.finishStream("one"), createHash("sha256").update(parts[0]).update(parts[1]).digest());
    t.same(await partition.finishStream("two"), createHash("sha256").update(parts[1]).digest());
    t.same(Buffer.concat([first, second, last]), Buffer.concat([whole.data, whole.tag ?? Buffer.alloc(0)]));
    t.same(await partition.finishStream("four"), await partition.mac(key, { name: "cmac" }, parts[0]));
  });

  t.test("a stream that is not there, and one whose worker was replaced, are lost", async (t) => {
    t.equal(await codeOf(() => partition.updateStream("nobody's", randomBytes(5))), "stream-lost");
    await partition.openStream("before", { kind: "encrypt", key: await made(), specification: ctr });
    signalWorker(engine, "SIGKILL");
    await untilAvailable(partition);
    t.equal(await codeOf(() => partition.updateStream("before", randomBytes(5))), "stream-lost");
    await partition.closeStream("before");
  });

  t.test("plaintext of a cipher with a tag does not stream, and what the token lacks is said at once", async (t) => {
    const key = await made();
    const decrypting = { kind: "decrypt", key, specification: gcm } as const;
    t.equal(await codeOf(() => partition.openStream("early", decrypting)), "invalid-data");
    const cfb = { kind: "encrypt", key, specification: { name: "cfb", iv: randomBytes(16) } } as const;
    t.equal(await codeOf(() => partition.openStream("lacking", cfb)), "unsupported");
  });
}

/**
 * What of the engine's tests runs on SoftHSM only, each file with the reason. Everything else of the engine runs on both
 * modules: by the contracts, or as tests of code that knows no module.
 */
export const SOFTHSM_ONLY: Readonly<Record<string, string>> = {
  "token-files.test.ts": "SoftHSM keeps tokens as files that have to be checked; NSS has a database of its own",
  "softhsm.test.ts": "how a token folder of SoftHSM is made and moved",
  "token-faults.test.ts": "faults of the token's files and of its room, which are made by changing SoftHSM's files",
  "partition-faults.test.ts": "two tokens beside each other, which SoftHSM makes on demand",
  "session-faults.test.ts":
    "faults of the shim, which stands before SoftHSM; the engine sees return values, not modules",
  "worker-faults.test.ts": "crashes and hangs of the shim, as above",
  "shim.test.ts": "the shim itself",
  "recovery.test.ts": "two tokens and two engines at one token; the rest of it is in the contract",
  "several-workers.test.ts": "counts workers under load, which is the same for all modules",
  "limits.test.ts": "queues and limits of the engine, which are the same for all modules",
};
