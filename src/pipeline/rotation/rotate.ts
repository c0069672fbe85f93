import { randomUUID } from "node:crypto";
import { attributes } from "#protocol/attributes/definitions.js";
import { LinkType, ObjectType, Operation } from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { V2_1 } from "#protocol/versions.js";
import type { Caller } from "#src/access/caller.js";
import { specifiedBehaviour } from "#src/access/client-profiles.js";
import { unlimited } from "#src/access/quota.js";
import { tenantSettings } from "#src/access/tenant-settings.js";
import { AttributeSet } from "#src/objects/attribute-set.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { isRotatable, isRotationDue, type RotationEnd, rotationDate } from "#src/objects/rotation.js";
import { linkOf } from "#src/operations/making/links.js";
import type { RotationRow } from "#storage/repositories/objects.js";
import { Placeholder } from "../placeholder.js";
import { runItemAlone } from "../run-item.js";
import type { Services } from "../services.js";

/** Under which rotations stand in the audit, where clients have their names. */
const rotationName = "(rotation)";

/** An operation that replaces an object, and the tag by which its payload names it. */
interface Replacing {
  readonly operation: number;
  readonly naming: number;
}

const asPair: Replacing = { operation: Operation.ReKeyKeyPair, naming: Tag.PrivateKeyUniqueIdentifier };
const byIdentifier = { naming: Tag.UniqueIdentifier };

/** The operation that replaces objects of a type, and where its payload names the object. */
const replacedBy: ReadonlyMap<number, Replacing> = new Map([
  [ObjectType.SymmetricKey, { ...byIdentifier, operation: Operation.ReKey }],
  [ObjectType.PrivateKey, asPair],
  [ObjectType.PublicKey, asPair],
  [ObjectType.Certificate, { ...byIdentifier, operation: Operation.ReCertify }],
]);

/**
 * Replaces an object that is due for rotation by the operation a client would use, through the same steps
 * (KMIP 2.1 §4.48). That it is due is held against the very version that the commit replaces, so that of several tries,
 * on several nodes, one succeeds. Rejects with StorageError where there is no telling what to do.
 */
export async function rotate(services: Services, due: RotationRow): Promise<RotationEnd> {
  const { tenantId, id, objectType } = due;
  const now = Math.floor(services.clock.wallMilliseconds() / 1000);
  const object = await readAnew(services, due);
  if (object === undefined || (object !== "unreadable" && !isRotationDue(object, now))) return { kind: "left" };
  const replaced = object === "unreadable" ? { id, objectType } : await replacedWith(services, object, now);
  if (replaced === undefined) return { kind: "left" };
  const caller = await rotationCaller(services, due);
  if (caller === undefined) return { kind: "suspended" };
  const set = object === "unreadable" ? new AttributeSet() : object.attributes;
  const { error } = await runItemAlone({
    services,
    request: {
      version: V2_1,
      header: { protocolVersion: V2_1, attestationType: [], batchCount: 1 },
      caller,
      attestationRefusal: undefined,
      sourceAddress: "(server)",
      correlationId: randomUUID(),
      now,
    },
    placeholder: new Placeholder(),
    tree: requestTo(replaced, set.get(attributes.rotateOffset)),
    settle: async (_reached, failure) => {
      const current = failure === undefined ? await services.store.find(tenantId, id) : undefined;
      if (failure !== undefined || (current !== undefined && isRotationDue(current, now))) return [];
      throw new KmipError("IllegalOperation", "the object is not due for rotation any more");
    },
  });
  if (error === undefined) return { kind: "rotated" };
  return { kind: "failed", since: object === "unreadable" ? undefined : rotationDate(object) };
}

/** The object as it is stored. One that fails its integrity check fails its item too, which records that. */
async function readAnew(
  { store }: Services,
  { tenantId, id }: RotationRow,
): Promise<ManagedObject | undefined | "unreadable"> {
  try {
    return await store.findAnew(tenantId, id);
  } catch (error) {
    if (error instanceof KmipError) return "unreadable";
    throw error;
  }
}

/**
 * What the operation is to name. A public key is replaced with its private key, and when that is due where that has a
 * date of its own. Undefined where the private key must not be replaced.
 */
async function replacedWith(
  { store }: Services,
  object: ManagedObject,
  now: number,
): Promise<Pick<ManagedObject, "id" | "objectType"> | undefined> {
  if (object.objectType !== ObjectType.PublicKey) return object;
  const privateId = linkOf(object, LinkType.PrivateKeyLink);
  const privateKey = privateId === undefined ? undefined : await store.findAnew(object.tenantId, privateId);
  if (privateKey === undefined || rotationDate(privateKey) !== undefined) return undefined;
  return isRotatable(privateKey, now) ? privateKey : undefined;
}

/** Who rotates: nobody a client could be, with the right to make objects, and in the name of the object's owner. */
async function rotationCaller({ database }: Services, { tenantId, id }: RotationRow): Promise<Caller | undefined> {
  const { read } = database;
  const [tenant, settings, owner] = await Promise.all([
    read.tenants.byId(tenantId),
    read.tenantSettings.list(tenantId),
    read.objectOwners.of(tenantId, id),
  ]);
  if (tenant?.state !== "active") return undefined;
  return {
    tenantId,
    tenantName: tenant.name,
    clientId: rotationName,
    clientName: rotationName,
    certificateFingerprint: null,
    defaultCustody: tenant.custodyDefault,
    permissions: new Set(["create"]),
    attestation: undefined,
    behaviour: specifiedBehaviour,
    // What the server does by itself is no client's, and so under no quota.
    settings: { ...tenantSettings(settings), quota: unlimited },
    quota: unlimited,
    ...(owner !== null && { subject: owner.owner }),
  };
}

/** The batch item by which a client would have the object replaced. */
function requestTo({ id, objectType }: Pick<ManagedObject, "id" | "objectType">, offset: number | undefined): Item {
  const { operation, naming } = replacedBy.get(objectType) ?? asPair;
  const payload: Item[] = [{ tag: naming, type: ItemType.TextString, value: id }];
  if (offset !== undefined) payload.push({ tag: Tag.Offset, type: ItemType.Interval, value: offset });
  return {
    tag: Tag.BatchItem,
    type: ItemType.Structure,
    value: [
      { tag: Tag.Operation, type: ItemType.Enumeration, value: operation },
      { tag: Tag.RequestPayload, type: ItemType.Structure, value: payload },
    ],
  };
}
