import { randomBytes } from "node:crypto";
import { attributes } from "#protocol/attributes/definitions.js";
import type {
  AgreeRequest,
  GeneratePairRequest,
  GenerateSecretRequest,
  ImportRequest,
  KeyReference,
  Partition,
  StoredKey,
  StoredKeyPair,
  WrapSpecification,
} from "#src/crypto/port.js";
import { type Custody, isOfEngine } from "#src/objects/custody.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject, Material, MaterialForm } from "#src/objects/managed-object.js";
import { isConfined } from "#src/objects/protection.js";
import { change } from "#storage/changes.js";
import { newIdentifier } from "#storage/identifiers.js";
import type { IntentRow } from "#storage/types.js";
import type { ChangeSet } from "./change-set.js";

/** Records, durably and with its audit record, that a key of a token is about to be made or removed. */
export type RecordIntent = (intent: IntentRow) => Promise<void>;

/** What the making of keys has to go through. */
export interface KeyGate {
  /** A symmetric key is to be made. Rejects where it must not be. */
  secret<T>(make: () => Promise<T>): Promise<T>;
  /** A key pair is to be made. Rejects where it must not be. */
  pair<T>(make: () => Promise<T>): Promise<T>;
}

/** The custodies in which the partition itself holds the key. */
export type HardwareCustody = "wrapped" | "token";

/**
 * Makes, imports, exports and removes keys of one tenant for one unit of work. For `wrapped` keys nothing needs
 * remembering: their blob stands in the row or nowhere. For `token` keys every step leaves a trace that the sweep at
 * start settles:
 *  1. the intent row is durable; a crash now leaves an intent whose key is not in the token: the intent is dropped;
 *  2. the key is in the token; a crash now leaves a key that only the intent names: the key is removed;
 *  3. the object's row is committed and the intent removed in the same transaction.
 */
export class KeyKeeper {
  private readonly options: {
    readonly tenantId: string;
    readonly nodeId: string;
    readonly defaultCustody: Custody;
    readonly partition: Partition;
    readonly changes: ChangeSet;
    readonly recordIntent: RecordIntent;
    readonly gate: KeyGate;
    readonly nowMilliseconds: () => number;
  };

  constructor(options: KeyKeeper["options"]) {
    this.options = options;
  }

  /** The custody for a new object: the tenant's default, or the token where the request asks for high protection. */
  custodyFor(request: { readonly highProtection: boolean }): HardwareCustody {
    return request.highProtection || this.options.defaultCustody === "token" ? "token" : "wrapped";
  }

  /** Makes a symmetric key. Throws CryptoError, and what the gate throws. */
  generateSecret(request: Omit<GenerateSecretRequest, "tokenId">): Promise<StoredKey> {
    const { partition, gate } = this.options;
    const run = (tokenId: { tokenId?: Buffer }): Promise<StoredKey> =>
      partition.generateSecret({ ...request, ...tokenId });
    return gate.secret(() => this.withIntent(request, run, "secret"));
  }

  /** Makes a key pair; the intent and the row are the private key's. Throws CryptoError, and what the gate throws. */
  async generatePair(request: Omit<GeneratePairRequest, "tokenId">): Promise<StoredKeyPair> {
    const { partition, gate } = this.options;
    const run = (tokenId: { tokenId?: Buffer }): Promise<StoredKeyPair> =>
      partition.generatePair({ ...request, ...tokenId });
    return gate.pair(() => this.withIntent(request, run, "private"));
  }

  /** Has a key pair made outside the token, through the gate of all pairs. Throws what the gate throws. */
  makeOutside<T>(make: () => Promise<T>): Promise<T> {
    return this.options.gate.pair(make);
  }

  /** Takes plaintext into custody. The bytes of the request are zeroed. Throws CryptoError. */
  importKey(request: Omit<ImportRequest, "tokenId">): Promise<StoredKey> {
    const { partition } = this.options;
    const run = (tokenId: { tokenId?: Buffer }): Promise<StoredKey> => partition.importKey({ ...request, ...tokenId });
    return this.withIntent(request, run, request.keyClass);
  }

  /** Takes into custody what another key of the partition has wrapped. Throws CryptoError. */
  unwrapKey(
    wrappedKey: Buffer,
    unwrappingKey: KeyReference,
    specification: WrapSpecification,
    request: Omit<ImportRequest, "tokenId" | "value">,
  ): Promise<StoredKey> {
    const { partition } = this.options;
    const run = (tokenId: { tokenId?: Buffer }): Promise<StoredKey> =>
      partition.unwrapKey(wrappedKey, unwrappingKey, specification, { ...request, ...tokenId });
    return this.withIntent(request, run, request.keyClass);
  }

  /** Makes a key in the token of what two keys agree on, a private one of the partition and a public one. Throws CryptoError. */
  agreeKey(privateKey: KeyReference, publicKey: Buffer, request: Omit<AgreeRequest, "tokenId">): Promise<StoredKey> {
    const { partition } = this.options;
    const run = (tokenId: { tokenId?: Buffer }): Promise<StoredKey> =>
      partition.agreeKey(privateKey, publicKey, { ...request, ...tokenId });
    return this.withIntent(request, run, "secret");
  }

  /**
   * The plaintext of an object's material: raw key, PKCS#8 DER or bytes. The caller zeroes it. Throws CryptoError, and
   * KmipError for what may be nowhere but in the token.
   */
  async plaintext(object: ManagedObject): Promise<Buffer> {
    const material = materialOf(object);
    if (material.form === "public" || material.form === "certificate") return material.blob;
    demandOutside(object);
    return this.options.partition.exportKey(referenceOf(object));
  }

  /** Removes the key of an object from the token once the row that says so is durable. */
  async destroy(object: ManagedObject): Promise<void> {
    const { material } = object;
    if (material === null || inTheRowOnly.has(material.form)) return;
    const { partition, changes } = this.options;
    const reference = referenceOf(object);
    if (material.custody !== "token") {
      changes.afterCommit(() => partition.destroyKey(reference));
      return;
    }
    // The intent is part of the commit that destroys the object; the sweep repeats the removal after a crash.
    const intent = this.intent("destroy", object.id, material.blob, material.form);
    changes.add(change("intents", "open", intent));
    changes.afterCommit(() => partition.destroyKey(reference));
    changes.settleAfterCommit(change("intents", "close", intent.id));
  }

  /** Has the token forget the key of an object that is put away, once that is durable. A key in the token stays there. */
  putAway({ id, material, ...object }: ManagedObject): void {
    if (material === null || material.form === "certificate" || material.custody === "token") return;
    const reference = referenceOf({ id, material, ...object });
    this.options.changes.afterCommit(() => this.options.partition.destroyKey(reference));
  }

  private async withIntent<T>(
    request: { readonly objectId: string; readonly custody: HardwareCustody },
    run: (tokenId: { tokenId?: Buffer }) => Promise<T>,
    keyClass: string,
  ): Promise<T> {
    if (request.custody === "wrapped") return run({});
    const tokenId = randomBytes(16);
    const intent = this.intent("create", request.objectId, tokenId, keyClass);
    await this.options.recordIntent(intent);
    this.options.changes.add(change("intents", "close", intent.id));
    const made = await run({ tokenId });
    this.options.changes.onDiscard(() =>
      this.options.partition.destroyKey(tokenReference(request.objectId, tokenId, keyClass)),
    );
    return made;
  }

  private intent(kind: "create" | "destroy", objectId: string, tokenId: Buffer, keyClass: string): IntentRow {
    return {
      id: newIdentifier(),
      tenantId: this.options.tenantId,
      nodeId: this.options.nodeId,
      kind,
      objectId,
      tokenId,
      createdAt: this.options.nowMilliseconds(),
      detail: JSON.stringify({ keyClass }),
    };
  }
}

/** Forms of material that the partition never opens: the row is all there is of them. */
const inTheRowOnly: ReadonlySet<MaterialForm> = new Set(["certificate", "absent", "template"]);

/** How a `token` key that may have no row is named to the partition. */
export function tokenReference(objectId: string, tokenId: Buffer, keyClass: string): KeyReference {
  const isPrivate = keyClass === "private";
  return {
    objectId,
    custody: "token",
    keyClass: isPrivate ? "private" : "secret",
    keyType: isPrivate ? "rsa" : "generic",
    material: tokenId,
    keyEncryptionKeyVersion: 0,
  };
}

/** Whether an object's material holds plaintext that may be nowhere but in the token. */
function isKeptConfined({ attributes: set, material }: ManagedObject): boolean {
  const isSecret = material !== null && material.form !== "public" && material.form !== "certificate";
  return isSecret && material.keyWrappingData === undefined && isConfined(set);
}

/** Throws KmipError for an object whose plaintext may be nowhere but in the token. What others have wrapped is none. */
export function demandOutside(object: ManagedObject): void {
  if (!isKeptConfined(object)) return;
  if (object.attributes.get(attributes.extractable) === false) {
    throw new KmipError("NotExtractable", "the object is not extractable, and the token cannot do this by itself");
  }
  throw new KmipError("Sensitive", "the object is sensitive, and the token cannot do this by itself");
}

/** How an object's key is named to the partition. Throws KmipError where the object has no key. */
export function referenceOf(object: ManagedObject): KeyReference {
  const material = materialOf(object);
  if (material.form === "certificate") throw new KmipError("InvalidObjectType", "a certificate is no key");
  const { keyType } = material;
  const keyClass = material.form === "bytes" ? "secret" : material.form;
  const common = {
    objectId: object.id,
    material: material.blob,
    keyEncryptionKeyVersion: material.keyEncryptionKeyVersion,
    ...(isKeptConfined(object) ? { confined: true } : {}),
  };
  // What software uses is bytes to the partition.
  if (material.custody === "software" || !isOfEngine(keyType)) {
    return { ...common, custody: "wrapped", keyClass: keyClass === "public" ? "public" : "secret", keyType: "generic" };
  }
  return { ...common, custody: material.custody, keyClass, keyType };
}

/** The material of an object, whose bytes must be here. Throws KmipError `KeyValueNotPresent`. */
export function materialOf(object: ManagedObject): PresentMaterial {
  const { material } = object;
  if (material !== null && isPresent(material)) return material;
  throw new KmipError("KeyValueNotPresent", "the key value of the object is not on this server");
}

/** Material whose bytes are here. */
export type PresentMaterial = Material & { readonly form: Exclude<MaterialForm, "absent" | "template"> };

function isPresent(material: Material): material is PresentMaterial {
  return material.form !== "absent" && material.form !== "template";
}
