/** Fills a tenant with keys like one that a client has made there: each generated and wrapped in the token, with a name of its own. */
import { createHash } from "node:crypto";
import { attributes } from "#protocol/attributes/definitions.js";
import { NameType } from "#protocol/enums/index.js";
import { openRuntime } from "#src/administration/runtime.js";
import { loadConfiguration } from "#src/config/load.js";
import type { Partition } from "#src/crypto/port.js";
import { ChangeSet } from "#src/inventory/change-set.js";
import { ObjectStore } from "#src/inventory/object-store.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { createLog } from "#src/telemetry/log.js";
import { createMetrics } from "#src/telemetry/metrics.js";
import { newIdentifier } from "#storage/identifiers.js";
import { type FillOrder, nameOfKey } from "./fill-order.js";

/** Keys of one commit, and commits under way at once. */
const together = 100;
const underWay = 4;

async function keyLike(model: ManagedObject, partition: Partition, number: number): Promise<ManagedObject> {
  const id = newIdentifier();
  const stored = await partition.generateSecret({ objectId: id, keyType: "aes", bits: 256, custody: "wrapped" });
  const { material, keyEncryptionKeyVersion, digest } = stored;
  if (model.material === null || digest === null) throw new TypeError("the model is a key with a digest");
  const name = { nameValue: nameOfKey(number), nameType: NameType.UninterpretedTextString };
  const identified = createHash("sha256").update(id).digest();
  const [told] = model.attributes.values(attributes.digest);
  let set = model.attributes
    .with(attributes.uniqueIdentifier, id)
    .with(attributes.shortUniqueIdentifier, identified)
    .without(attributes.name.name)
    .adding(attributes.name.name, name);
  if (told !== undefined) {
    set = set.without(attributes.digest.name).adding(attributes.digest.name, { ...told, digestValue: digest });
  }
  return {
    ...model,
    id,
    version: 0,
    attributes: set,
    material: { ...model.material, blob: material, keyEncryptionKeyVersion },
  };
}

async function fill({ home, tenant, model: modelId, keys }: FillOrder): Promise<void> {
  const configuration = loadConfiguration({ home, environment: { KEYREEVE_LOG_LEVEL: "error" } });
  const log = createLog(configuration.log);
  const metrics = createMetrics({ process: false });
  const runtime = await openRuntime({ configuration, log, metrics, progress: () => undefined });
  try {
    const { database, partitions } = runtime;
    const row = await database.read.tenants.byName(tenant);
    if (row === null) throw new RangeError(`no tenant ${tenant}`);
    const partition = await partitions.of(row.id);
    const store = new ObjectStore({ database, partitionOf: (id) => partitions.of(id), cachedObjects: 1 });
    const model = await store.find(row.id, modelId);
    if (model === undefined) throw new RangeError("the model is not there");
    const identifiers: string[] = new Array<string>(keys);
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < keys) {
        const first = next;
        next = Math.min(keys, first + together);
        const changes = new ChangeSet();
        const numbers = Array.from({ length: next - first }, (_, index) => first + index);
        for (const object of await Promise.all(numbers.map((number) => keyLike(model, partition, number)))) {
          changes.insert(object);
        }
        const made = changes.changedObjects().map(({ object }) => object.id);
        made.forEach((id, index) => {
          identifiers[first + index] = id;
        });
        await database.commit([...(await store.prepare(row.id, changes))]);
      }
    };
    await Promise.all(Array.from({ length: underWay }, work));
    process.send?.(identifiers);
  } finally {
    await runtime.close();
    process.disconnect();
  }
}

process.once("message", (order: FillOrder) => {
  fill(order).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  });
});
