import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import { LinkType, State } from "#protocol/enums/index.js";
import { acceptOne, checkDates } from "#src/objects/accept-attributes.js";
import { ruleFor } from "#src/objects/attribute-rules.js";
import { AttributeSet } from "#src/objects/attribute-set.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { changedAt, type ManagedObject, withAttributes } from "#src/objects/managed-object.js";
import { linked, withoutLinks } from "./links.js";

/**
 * Attributes of a client that a replacement does not take over as they are (KMIP 2.1 tables 299, 304 and 309), and those
 * that its own bytes say.
 */
const notCopied: ReadonlySet<string> = new Set(
  [
    attributes.link,
    attributes.digest,
    attributes.certificateLength,
    attributes.digitalSignatureAlgorithm,
    attributes.fresh,
    attributes.randomNumberGenerator,
    attributes.originalCreationDate,
    attributes.activationDate,
    attributes.processStartDate,
    attributes.protectStopDate,
    attributes.deactivationDate,
  ].map(({ name }: { readonly name: string }) => name),
);

const movedWithActivation = [attributes.processStartDate, attributes.protectStopDate, attributes.deactivationDate];

/** The moment of a replacement, and the seconds from it to the Activation Date where the request gives them. */
export interface ReplacementTimes {
  /** Seconds since 1970, UTC. */
  readonly now: number;
  readonly offset: number | undefined;
}

/** What an object is replaced by: its type, the attributes of the old one, and what the request asks for. */
export interface Replacement {
  readonly objectType: number;
  readonly old: AttributeSet;
  /** The request's attributes, accepted; they stand above the old object's. */
  readonly given: AttributeSet;
}

/**
 * The attributes of a replacement: the old object's, its dates moved by the offset, the request's above them
 * (KMIP 2.1 §6.1.45 to §6.1.47). Throws KmipError where the dates cannot be worked out or contradict each other.
 */
export function replacementAttributes({ objectType, old, given }: Replacement, times: ReplacementTimes): AttributeSet {
  checkOffset(given, times);
  const copied = old.all().filter(({ name }) => ruleFor(name)?.settableByClient === true && !notCopied.has(name));
  const inherited = [...copied, ...movedDates(old, times)].filter(({ name }) => !given.has(name));
  const asInherited = inherited.reduce((set, instance) => acceptOne(set, objectType, instance), new AttributeSet());
  const whole = given.all().reduce((set, instance) => acceptOne(set, objectType, instance), asInherited);
  checkDates(whole, asInherited);
  return whole;
}

/** An offset and dates of the request would say the same thing twice (KMIP 1.4 §11.5, §11.6, §11.9). */
function checkOffset(given: AttributeSet, { offset }: ReplacementTimes): void {
  if (offset === undefined) return;
  const date = [attributes.activationDate, ...movedWithActivation].find(({ name }) => given.has(name));
  if (date !== undefined) throw new KmipError("InvalidMessage", `the request has both an Offset and a ${date.name}`);
}

/**
 * The Activation Date of a replacement whose request does not say it. What replaces an object that is active, or was, is
 * active: its date has come, also where the clock that told it was ahead.
 */
function copiedActivation(old: AttributeSet, now: number): number | undefined {
  const activated = old.get(attributes.activationDate);
  if (activated === undefined || old.get(attributes.state) === State.PreActive) return activated;
  return Math.min(activated, now);
}

/** The dates of the replacement: copied, or moved so that it activates an offset after its Initial Date. */
function movedDates(old: AttributeSet, { now, offset }: ReplacementTimes): readonly AttributeInstance[] {
  const later = movedWithActivation.filter(({ name }) => old.has(name));
  const activated = old.get(attributes.activationDate);
  if (offset !== undefined && activated === undefined && later.length > 0) {
    throw new KmipError("IllegalOperation", "dates cannot be moved by an Offset: the object has no Activation Date");
  }
  const activation = offset === undefined ? copiedActivation(old, now) : now + offset;
  const distance = offset === undefined || activated === undefined ? 0 : now + offset - activated;
  const moved = later.map((definition) => ({
    name: definition.name,
    value: (old.get(definition) ?? 0) + distance,
  }));
  return activation === undefined ? moved : [{ name: attributes.activationDate.name, value: activation }, ...moved];
}

/** What stays with a replaced object: everything but its names, with the link to its one replacement (KMIP 1.4 §3.35). */
export function replaced(old: ManagedObject, replacementId: string, now: number): ManagedObject {
  const set = old.attributes
    .without(attributes.name.name)
    .with(attributes.rotateDate, now)
    .with(attributes.rotateLatest, false);
  const unlinked = withoutLinks(withAttributes(old, set), LinkType.ReplacementObjectLink);
  return changedAt(linked(unlinked, LinkType.ReplacementObjectLink, replacementId), now);
}

/** The new object with a link to the one it replaces, and its place among those that were rotated (KMIP 2.1 §4.50, §4.52). */
export function replacing(made: ManagedObject, old: ManagedObject): ManagedObject {
  const generation = (old.attributes.get(attributes.rotateGeneration) ?? 0) + 1;
  const set = made.attributes.with(attributes.rotateGeneration, generation).with(attributes.rotateLatest, true);
  return linked(withAttributes(made, set), LinkType.ReplacedObjectLink, old.id);
}

/** A replacement key has the algorithm and the length of the old one. Throws KmipError. */
export function checkSameKind(old: AttributeSet, given: AttributeSet): void {
  for (const definition of [attributes.cryptographicAlgorithm, attributes.cryptographicLength]) {
    const asked = given.get(definition);
    if (asked !== undefined && asked !== old.get(definition)) {
      throw new KmipError("InvalidField", `${definition.name} is copied from the key that is replaced`);
    }
  }
}
