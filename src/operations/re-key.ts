import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import { LinkType, ObjectType, Operation, UniqueIdentifier } from "#protocol/enums/index.js";
import { reKeyRequest, reKeyResponse } from "#protocol/payloads/re-key.js";
import { acceptOne, checkDates } from "#src/objects/accept-attributes.js";
import { ruleFor } from "#src/objects/attribute-rules.js";
import { AttributeSet } from "#src/objects/attribute-set.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { changedAt, type ManagedObject, withAttributes } from "#src/objects/managed-object.js";
import { defineOperation, placeholderFor } from "./contract/operation.js";
import { linked } from "./making/key-pair.js";
import { acceptRequested, wantsToken } from "./making/requested.js";
import { makeSymmetricKey } from "./making/symmetric-key.js";

/** Attributes of a client that a replacement does not take over as they are (KMIP 2.1 §6.1.46, table 304). */
const notCopied: ReadonlySet<string> = new Set(
  [
    attributes.link,
    attributes.fresh,
    attributes.randomNumberGenerator,
    attributes.originalCreationDate,
    attributes.activationDate,
    attributes.processStartDate,
    attributes.protectStopDate,
    attributes.deactivationDate,
  ].map(({ name }: { readonly name: string }) => name),
);

/** The attributes of the replacement: the old key's, dates moved by the offset, the request's above them. */
function replacementAttributes(
  old: AttributeSet,
  given: AttributeSet,
  times: { readonly now: number; readonly offset: number | undefined },
): AttributeSet {
  const copied = old.all().filter(({ name }) => ruleFor(name)?.settableByClient === true && !notCopied.has(name));
  const inherited = [...copied, ...movedDates(old, times)].filter(({ name }) => !given.has(name));
  const asInherited = inherited.reduce(
    (set, instance) => acceptOne(set, ObjectType.SymmetricKey, instance),
    new AttributeSet(),
  );
  const whole = given.all().reduce((set, instance) => acceptOne(set, ObjectType.SymmetricKey, instance), asInherited);
  checkDates(whole, asInherited);
  return whole;
}

/** The dates of the replacement: copied, or moved so that it activates an offset after its Initial Date (table 303). */
function movedDates(
  old: AttributeSet,
  { now, offset }: { readonly now: number; readonly offset: number | undefined },
): readonly AttributeInstance[] {
  const activated = old.get(attributes.activationDate);
  const distance = offset === undefined ? 0 : now + offset - (activated ?? now + offset);
  const later = [attributes.processStartDate, attributes.protectStopDate, attributes.deactivationDate];
  const dates = [attributes.activationDate, ...later].flatMap((definition) => {
    const date = old.get(definition);
    return date === undefined ? [] : [{ name: definition.name, value: date + distance }];
  });
  if (offset === undefined || activated !== undefined) return dates;
  return [{ name: attributes.activationDate.name, value: now + offset }, ...dates];
}

/** What stays with the replaced key: everything but its names, with a link to its replacement. */
function replaced(old: ManagedObject, replacementId: string, now: number): ManagedObject {
  const nameless = withAttributes(old, old.attributes.without(attributes.name.name));
  return changedAt(linked(nameless, LinkType.ReplacementObjectLink, replacementId), now);
}

/** Re-key (KMIP 2.1 §6.1.46): a new key in the place of a symmetric key, which keeps its state and loses its names. */
export const reKey = defineOperation({
  code: Operation.ReKey,
  name: "Re-key",
  versions: {},
  request: reKeyRequest,
  response: reKeyResponse,
  permission: "create",
  target: {
    naming: ({ uniqueIdentifier }) => uniqueIdentifier,
    objectTypes: new Set([ObjectType.SymmetricKey]),
  },
  placeholder: ({ uniqueIdentifier }) => placeholderFor(UniqueIdentifier.ReKey, uniqueIdentifier),
  async run(context, request) {
    const { target, now, changes } = context;
    const given = acceptRequested(ObjectType.SymmetricKey, request.attributes);
    checkSameKind(target.attributes, given);
    const requested = replacementAttributes(target.attributes, given, { now, offset: request.offset });
    const inToken = wantsToken(requested, request.protectionStorageMasks) || target.material?.custody === "token";
    const made = await makeSymmetricKey(context, requested, { inToken });
    changes.update(replaced(target, made.id, now));
    changes.insert(linked(made, LinkType.ReplacedObjectLink, target.id));
    return { uniqueIdentifier: made.id };
  },
});

/** Algorithm and length of a key are not changed by a re-key (KMIP 2.1 §6.1.46). */
function checkSameKind(old: AttributeSet, given: AttributeSet): void {
  for (const definition of [attributes.cryptographicAlgorithm, attributes.cryptographicLength]) {
    const asked = given.get(definition);
    if (asked !== undefined && asked !== old.get(definition)) {
      throw new KmipError("InvalidField", `${definition.name} cannot be changed by Re-key`);
    }
  }
}
