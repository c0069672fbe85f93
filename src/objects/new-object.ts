import { createHash } from "node:crypto";
import { attributes } from "#protocol/attributes/definitions.js";
import { HashingAlgorithm, ObjectType, ProtectionStorageMask, State } from "#protocol/enums/index.js";
import type { Digest, RngParameters } from "#protocol/structures/attribute-values.js";
import type { AttributeSet } from "./attribute-set.js";
import { hasState } from "./lifecycle.js";
import type { ManagedObject, Material } from "./managed-object.js";

/** Lease Time of every object, in seconds: how long a client may use a copy before it asks again (KMIP 2.1 §4.30). */
export const leaseSeconds = 3600;

/** What is known of an object to be made, besides what the client asked for. */
export interface NewObjectFacts {
  readonly tenantId: string;
  readonly id: string;
  readonly objectType: number;
  /** Seconds since 1970, UTC. */
  readonly now: number;
  /** The client's attributes, accepted. */
  readonly requested: AttributeSet;
  readonly material: Material | null;
  /** SHA-256 of the material in the form that `digestFormat` names; null where the token did not say. */
  readonly digest: Buffer | null;
  readonly digestFormat: number | undefined;
  /** Digests in other formats, told behind that one. */
  readonly otherDigests?: readonly Digest[] | undefined;
  readonly algorithm?: number | undefined;
  /** Bits. */
  readonly length?: number | undefined;
  /** Used where the client gave none. */
  readonly defaultUsageMask?: number | undefined;
  /** The generator that made the key, where the server made it. */
  readonly generator?: RngParameters | undefined;
}

/** A new object with everything the server sets when one is made (KMIP 2.1 §4, "When implicitly set"). */
export function newObject(facts: NewObjectFacts): ManagedObject {
  const { tenantId, id, objectType, material } = facts;
  let set = identified(facts);
  if (objectType === ObjectType.Template) return { tenantId, id, objectType, version: 0, attributes: set, material };
  set = served(set, facts);
  set = withKeyFacts(set, facts);
  set = withProtection(set, facts);
  set = withLifecycle(set, facts);
  return { tenantId, id, objectType, version: 0, attributes: set, material };
}

function identified({ requested, id, objectType, now }: NewObjectFacts): AttributeSet {
  return requested
    .with(attributes.uniqueIdentifier, id)
    .with(attributes.shortUniqueIdentifier, createHash("sha256").update(id).digest())
    .with(attributes.objectType, objectType)
    .with(attributes.initialDate, now)
    .with(attributes.lastChangeDate, now);
}

/** What objects have that are given to clients to be used, which templates are not. */
function served(set: AttributeSet, { requested }: NewObjectFacts): AttributeSet {
  return set.with(attributes.leaseTime, leaseSeconds).with(attributes.fresh, requested.get(attributes.fresh) ?? true);
}

function withKeyFacts(start: AttributeSet, facts: NewObjectFacts): AttributeSet {
  let set = start;
  if (facts.algorithm !== undefined) set = set.with(attributes.cryptographicAlgorithm, facts.algorithm);
  if (facts.length !== undefined) set = set.with(attributes.cryptographicLength, facts.length);
  if (!set.has(attributes.cryptographicUsageMask.name) && facts.defaultUsageMask !== undefined) {
    set = set.with(attributes.cryptographicUsageMask, facts.defaultUsageMask);
  }
  if (facts.material?.keyFormatType !== undefined)
    set = set.with(attributes.keyFormatType, facts.material.keyFormatType);
  if (facts.digest !== null) {
    const digest = {
      hashingAlgorithm: HashingAlgorithm.SHA_256,
      digestValue: facts.digest,
      keyFormatType: facts.digestFormat,
    };
    set = set.with(attributes.digest, digest);
    for (const other of facts.otherDigests ?? []) set = set.adding(attributes.digest.name, other);
  }
  if (facts.generator === undefined) return set;
  if (!set.has(attributes.originalCreationDate.name)) set = set.with(attributes.originalCreationDate, facts.now);
  return set.with(attributes.randomNumberGenerator, facts.generator);
}

/** Sensitive and Extractable with the two that remember whether they ever changed (KMIP 2.1 §4.3, §4.23, §4.33, §4.55). */
function withProtection(start: AttributeSet, { material }: NewObjectFacts): AttributeSet {
  const inToken = material?.custody === "token" && material.form !== "public";
  const sensitive = start.get(attributes.sensitive) ?? false;
  const extractable = inToken ? false : (start.get(attributes.extractable) ?? true);
  const mask = inToken ? ProtectionStorageMask.Hardware : ProtectionStorageMask.Software;
  return start
    .with(attributes.sensitive, sensitive)
    .with(attributes.alwaysSensitive, sensitive)
    .with(attributes.extractable, extractable)
    .with(attributes.neverExtractable, !extractable)
    .with(attributes.protectionStorageMask, mask);
}

/** Pre-Active, or Active at once where the Activation Date has come (KMIP 2.1 §4.57, transition 1). */
function withLifecycle(set: AttributeSet, { objectType, now }: NewObjectFacts): AttributeSet {
  if (!hasState(objectType)) return set;
  const activation = set.get(attributes.activationDate);
  return set.with(attributes.state, activation !== undefined && activation <= now ? State.Active : State.PreActive);
}
