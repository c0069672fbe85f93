import pkcs11js from "pkcs11js";
import type { KeyReference, PartitionInformation } from "../../port.js";
import type { OpenRequest, TokenName, WorkerOperations } from "../messages.js";
import { isPartitionKey, PARTITION_KEYS } from "../partition-keys.js";
import { Agreement } from "./agreement.js";
import { proveToken } from "./canary.js";
import { Ciphers } from "./ciphers.js";
import { invalidData, returnValueOf, WorkerFailure } from "./errors.js";
import { describeToken } from "./information.js";
import { KeyHierarchy } from "./key-hierarchy.js";
import { KeyMaking } from "./key-making.js";
import { tokenKeysOf } from "./key-objects.js";
import { KeyTaking } from "./key-taking.js";
import { bindPartition, initialisePartition, type OpenedPartition, openPartition } from "./partition-setup.js";
import { Pkcs1Decryption } from "./pkcs1-decryption.js";
import { probeModule } from "./probe/probe-module.js";
import { RootOperations } from "./root-operations.js";
import { Signatures } from "./signatures.js";
import { Streams } from "./streams.js";
import { Wrapping } from "./wrapping.js";

const RANDOM_LIMIT = 65536;

/** Everything made once a partition is open. */
interface Opened extends OpenedPartition {
  readonly making: KeyMaking;
  readonly taking: KeyTaking;
  readonly agreement: Agreement;
  readonly ciphers: Ciphers;
  readonly pkcs1: Pkcs1Decryption;
  readonly signatures: Signatures;
  readonly wrapping: Wrapping;
  readonly hierarchy: KeyHierarchy;
  readonly streams: Streams;
  readonly root: RootOperations;
  /** The metadata-authentication key, once it was looked for. */
  authenticationKey: pkcs11js.Handle | null;
}

function equip(opened: OpenedPartition): Opened {
  const making = new KeyMaking(opened.custody, opened.tokenKeys);
  const taking = new KeyTaking(opened.custody, opened.tokenKeys);
  const signatures = new Signatures(opened.custody);
  const ciphers = new Ciphers(opened.custody);
  const equipped: Opened = {
    ...opened,
    making,
    taking,
    agreement: new Agreement(opened.custody, taking),
    ciphers,
    pkcs1: new Pkcs1Decryption(opened.custody, (data) => authenticate(equipped, data)),
    signatures,
    streams: new Streams(opened.custody, ciphers, signatures),
    wrapping: new Wrapping(opened.custody, taking),
    hierarchy: new KeyHierarchy(opened),
    root: new RootOperations(opened.custody, signatures),
    authenticationKey: null,
  };
  return equipped;
}

/** Has every failure say what it means, also that of a call which did not expect one. */
function explained(operations: WorkerOperations, explain: (error: unknown) => unknown): WorkerOperations {
  const entries = Object.entries(operations).map(([name, operation]: [string, (...args: never[]) => unknown]) => [
    name,
    (...args: never[]) => {
      try {
        return operation(...args);
      } catch (error) {
        throw explain(error);
      }
    },
  ]);
  return Object.fromEntries(entries);
}

/** What a worker does that has not opened a partition, once, before it ends. */
const WITHOUT_PARTITION: Pick<WorkerOperations, "probe" | "initialise" | "bind"> = {
  probe: probeModule,
  initialise: initialisePartition,
  bind: bindPartition,
};

/** What looks over all that is in the token. */
function inventoryOperations(
  opened: () => Opened,
): Pick<WorkerOperations, "tokenKeys" | "tokenRemnants" | "removeTokenRemnant"> {
  return {
    tokenKeys: () => tokenKeysOf(opened().custody.token),
    tokenRemnants: () => opened().tokenKeys.remnants(),
    removeTokenRemnant: ({ name }) => opened().tokenKeys.removeRemnant(name),
  };
}

/** The operations of a worker. Before `open` (or what needs none) every other one is refused. */
export function workerOperations(): WorkerOperations {
  let current: Opened | null = null;
  const opened = (): Opened => {
    if (current === null) {
      throw new WorkerFailure("unavailable", "the worker has not opened its partition", { restart: true });
    }
    return current;
  };
  const operations: WorkerOperations = {
    ...WITHOUT_PARTITION,
    open: (request: OpenRequest): TokenName => {
      if (current !== null) {
        throw new WorkerFailure("device-error", "a worker logs in once in its life");
      }
      current = equip(openPartition(request));
      return current.name;
    },
    information: (): PartitionInformation => describeToken(opened().custody.token),
    checkCanary: () => proveToken(opened().custody.token),
    sessionObjects: () => opened().custody.token.find([{ type: pkcs11js.CKA_TOKEN, value: false }]).length,
    generateSecret: (request) => opened().making.generateSecret(request),
    generatePair: (request) => opened().making.generatePair(request),
    importKey: (request) => opened().taking.importKey(request),
    exportKey: (key) => exportKey(opened(), key),
    encrypt: (key, specification, data) => opened().ciphers.encrypt(key, specification, data),
    decrypt: (key, specification, data, tag) => opened().ciphers.decrypt(key, specification, data, tag),
    decryptPkcs1: (key, data, expected) => opened().pkcs1.decrypt(key, data, expected),
    sign: (key, specification, data) => opened().signatures.sign(key, specification, data),
    verify: (key, specification, data, signature) => opened().signatures.verify(key, specification, data, signature),
    mac: (key, specification, data) => opened().signatures.mac(key, specification, data),
    macVerify: (key, specification, data, mac) => opened().signatures.macVerify(key, specification, data, mac),
    wrapKey: (target, wrappingKey, specification) => opened().wrapping.wrap(target, wrappingKey, specification),
    unwrapKey: (wrappedKey, unwrappingKey, specification, request) =>
      opened().wrapping.unwrap(wrappedKey, unwrappingKey, specification, request),
    agreeKey: (privateKey, publicKey, request) => opened().agreement.agree(privateKey, publicKey, request),
    digest: (hash, data) => opened().signatures.digest(hash, data),
    openStream: (name, request) => opened().streams.open(name, request),
    updateStream: (name, data) => opened().streams.update(name, data),
    finishStream: (name) => opened().streams.finish(name),
    closeStream: (name) => opened().streams.close(name),
    random: (length) => random(opened(), length),
    seedRandom: (seed) => seedRandom(opened(), seed),
    authenticate: (data) => authenticate(opened(), data),
    destroyKey: (key) => destroyKey(opened(), key),
    forget: (objectId) => opened().custody.forget(objectId),
    ...inventoryOperations(opened),
    keyEncryptionKeyVersions: () => opened().hierarchy.versions(),
    makeKeyEncryptionKey: (version) => opened().hierarchy.make(version),
    removeKeyEncryptionKey: (version) => opened().hierarchy.remove(version),
    findKeyEncryptionKeys: () => opened().custody.keyEncryption.findNewestVersion(),
    rewrapKey: (key) => opened().hierarchy.rewrap(key),
    proveKey: (key) => opened().hierarchy.prove(key),
    moveToToken: (key, request) => opened().taking.moveToToken(key, request),
    seal: (plaintext, context) => opened().root.seal(plaintext, context),
    unseal: (sealed, context) => opened().root.unseal(sealed, context),
    signCheckpoint: (data) => opened().root.signCheckpoint(data),
    checkpointPublicKey: () => opened().root.checkpointPublicKey(),
  };
  return explained(operations, (error) => current?.custody.token.explain(error, "device-error") ?? error);
}

function exportKey(opened: Opened, key: KeyReference): Buffer {
  if (key.custody === "token") {
    throw new WorkerFailure("not-extractable", "a key of the token does not leave it");
  }
  if (key.custody !== "wrapped") {
    throw invalidData("only a wrapped key can be exported");
  }
  return opened.custody.valueOf(key);
}

function random(opened: Opened, length: number): Buffer {
  if (!Number.isInteger(length) || length < 1 || length > RANDOM_LIMIT) {
    throw invalidData(`1 to ${RANDOM_LIMIT} random bytes, not ${length}`);
  }
  const { token } = opened.custody;
  return token.module.C_GenerateRandom(token.keeperSession, Buffer.alloc(length));
}

/** Answers of tokens that seed themselves and take no seeds from others (PKCS#11 §5.20). */
const REFUSED_SEED: ReadonlySet<number | undefined> = new Set([
  pkcs11js.CKR_RANDOM_SEED_NOT_SUPPORTED,
  pkcs11js.CKR_RANDOM_NO_RNG,
  pkcs11js.CKR_FUNCTION_NOT_SUPPORTED,
]);

function seedRandom(opened: Opened, seed: Buffer): boolean {
  const { token } = opened.custody;
  try {
    token.module.C_SeedRandom(token.keeperSession, seed);
    return true;
  } catch (error) {
    if (REFUSED_SEED.has(returnValueOf(error))) return false;
    throw error;
  }
}

function authenticate(opened: Opened, data: Buffer): Buffer {
  opened.authenticationKey ??= opened.custody.token.requireKey(PARTITION_KEYS.authentication.tokenId, "secret");
  return opened.signatures.authenticate(opened.authenticationKey, data);
}

function destroyKey(opened: Opened, key: KeyReference): void {
  opened.custody.forget(key.objectId);
  if (key.custody === "token" && key.keyClass !== "public") {
    if (isPartitionKey(key.material)) {
      throw invalidData("the partition's own keys are not destroyed");
    }
    opened.tokenKeys.destroy(key.material, key.keyClass);
  }
}
