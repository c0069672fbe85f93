import type { KeyReference, Partition, PartitionInformation, RootPartition } from "../port.js";
import type { WorkerMethod, WorkerOperations } from "./messages.js";
import { RandomReserve } from "./random-reserve.js";
import type { CallOptions, WorkerRole } from "./supervision.js";

/** Has a worker of a partition do one operation. */
export type CallWorker = <Method extends WorkerMethod>(
  role: WorkerRole,
  method: Method,
  args: Parameters<WorkerOperations[Method]>,
  options: CallOptions,
) => Promise<ReturnType<WorkerOperations[Method]>>;

const REPEATABLE: CallOptions = { repeatable: true };

/** A part of a stream must not be taken twice, and all go to the worker that has the stream. */
function part(name: string, step: "open" | "update" | "end"): CallOptions {
  return { repeatable: false, stream: { name, step } };
}

/** Making a key in the token must not be done twice: the first may have succeeded. Wrapped keys leave nothing behind. */
function making(request: { readonly custody: "wrapped" | "token" }): CallOptions {
  return { repeatable: request.custody === "wrapped" };
}

/** Has every open worker of a partition do one operation, and gives their answers. */
export type CallWorkers = <Method extends WorkerMethod>(
  method: Method,
  args: Parameters<WorkerOperations[Method]>,
) => Promise<ReturnType<WorkerOperations[Method]>[]>;

function streamsOver(
  call: CallWorker,
): Pick<Partition, "openStream" | "updateStream" | "finishStream" | "closeStream"> {
  return {
    openStream: (name, request) => call("fast", "openStream", [name, request], part(name, "open")),
    updateStream: (name, data) => call("fast", "updateStream", [name, data], part(name, "update")),
    finishStream: (name) => call("fast", "finishStream", [name], part(name, "end")),
    closeStream: (name) => call("fast", "closeStream", [name], { ...part(name, "end"), repeatable: true }),
  };
}

function hierarchyOver(
  call: CallWorker,
  everywhere: CallWorkers,
): Pick<
  Partition,
  | "keyEncryptionKeyVersions"
  | "makeKeyEncryptionKey"
  | "removeKeyEncryptionKey"
  | "findKeyEncryptionKeys"
  | "rewrapKey"
  | "proveKey"
  | "moveToToken"
> {
  const findKeyEncryptionKeys = async (): Promise<void> => {
    await everywhere("findKeyEncryptionKeys", []);
  };
  return {
    keyEncryptionKeyVersions: () => call("fast", "keyEncryptionKeyVersions", [], REPEATABLE),
    makeKeyEncryptionKey: async (version) => {
      await call("fast", "makeKeyEncryptionKey", [version], REPEATABLE);
      await findKeyEncryptionKeys();
    },
    removeKeyEncryptionKey: async (version) => {
      // A worker that did not know the newest key would go on with the one that is removed.
      await findKeyEncryptionKeys();
      await call("fast", "removeKeyEncryptionKey", [version], REPEATABLE);
    },
    findKeyEncryptionKeys,
    rewrapKey: (key) => call("fast", "rewrapKey", [key], REPEATABLE),
    proveKey: (key) => call("fast", "proveKey", [key], REPEATABLE),
    moveToToken: (key, request) => call("fast", "moveToToken", [key, request], making({ custody: "token" })),
  };
}

/** The port of a partition over its workers. `pairTimeout` in milliseconds, for making key pairs. */
export function partitionOver(call: CallWorker, everywhere: CallWorkers, pairTimeout: number): Partition {
  const fast = <Method extends WorkerMethod>(
    method: Method,
    args: Parameters<WorkerOperations[Method]>,
    options: CallOptions = REPEATABLE,
  ) => call("fast", method, args, options);
  const reserve = new RandomReserve((length) => fast("random", [length]));
  let known: Promise<PartitionInformation> | null = null;
  return {
    information: () => {
      known ??= fast("information", []).catch((error: unknown) => {
        known = null;
        throw error;
      });
      return known;
    },
    generateSecret: (request) => fast("generateSecret", [request], making(request)),
    generatePair: (request) =>
      call("generate", "generatePair", [request], { ...making(request), timeout: pairTimeout }),
    importKey: async (request) => {
      try {
        return await fast("importKey", [request], making(request));
      } finally {
        request.value.fill(0);
      }
    },
    exportKey: (key) => fast("exportKey", [key]),
    encrypt: (key, specification, data) => fast("encrypt", [key, specification, data]),
    decrypt: (key, specification, data, tag) => fast("decrypt", [key, specification, data, tag]),
    decryptPkcs1: (key, data, expected) => fast("decryptPkcs1", [key, data, expected]),
    sign: (key, specification, data) => fast("sign", [key, specification, data]),
    verify: (key, specification, data, signature) => fast("verify", [key, specification, data, signature]),
    mac: (key, specification, data) => fast("mac", [key, specification, data]),
    macVerify: (key, specification, data, mac) => fast("macVerify", [key, specification, data, mac]),
    wrapKey: (target, wrappingKey, specification) => fast("wrapKey", [target, wrappingKey, specification]),
    unwrapKey: (wrappedKey, unwrappingKey, specification, request) =>
      fast("unwrapKey", [wrappedKey, unwrappingKey, specification, request], making(request)),
    agreeKey: (privateKey, publicKey, request) => fast("agreeKey", [privateKey, publicKey, request], making(request)),
    digest: (hash, data) => fast("digest", [hash, data]),
    ...streamsOver(call),
    random: (length) => fast("random", [length]),
    nonce: (length) => reserve.take(length),
    seedRandom: (seed) => fast("seedRandom", [seed]),
    authenticate: (data) => fast("authenticate", [data]),
    destroyKey: async (key: KeyReference) => {
      await fast("destroyKey", [key]);
      await everywhere("forget", [key.objectId]);
    },
    forget: async (objectId) => {
      await everywhere("forget", [objectId]);
    },
    tokenKeys: () => fast("tokenKeys", []),
    tokenRemnants: () => fast("tokenRemnants", []),
    removeTokenRemnant: (remnant) => fast("removeTokenRemnant", [remnant]),
    ...hierarchyOver(call, everywhere),
    checkHealth: () => fast("checkCanary", [], { repeatable: true, background: true }),
  };
}

/** The port of the server's own partition over its workers. */
export function rootPartitionOver(call: CallWorker): RootPartition {
  return {
    seal: (plaintext, context) => call("fast", "seal", [plaintext, context], REPEATABLE),
    unseal: (sealed, context) => call("fast", "unseal", [sealed, context], REPEATABLE),
    signCheckpoint: (data) => call("fast", "signCheckpoint", [data], REPEATABLE),
    checkpointPublicKey: () => call("fast", "checkpointPublicKey", [], REPEATABLE),
    random: (length) => call("fast", "random", [length], REPEATABLE),
  };
}
