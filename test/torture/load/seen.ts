/** What a server shows of a key, against what it must be. */
import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import { enumerationOf, State } from "#protocol/enums/index.js";
import { type EnumerationTable, enumerationName } from "#protocol/enums/table.js";
import { Tag } from "#protocol/tags.js";
import { isGone, type KeyFacts } from "./key-facts.js";

/** Names of the attributes that clients look at. */
export const lookedAt = [attributes.state, attributes.name, attributes.contactInformation, attributes.objectGroup].map(
  ({ name }: { readonly name: string }) => name,
);

/** The attributes of an answer. */
export interface Seen {
  readonly state: number;
  readonly names: readonly string[];
  readonly label: string;
  readonly groups: readonly string[];
}

/** Reads the attributes of an answer to Get Attributes. */
export function seenIn(list: readonly AttributeInstance[]): Seen {
  const values = (name: string): readonly unknown[] =>
    list.filter((one) => one.name === name).map(({ value }) => value);
  return {
    state: Number(values(attributes.state.name)[0] ?? 0),
    names: values(attributes.name.name).map((value) => (value as { readonly nameValue: string }).nameValue),
    label: String(values(attributes.contactInformation.name)[0] ?? ""),
    groups: values(attributes.objectGroup.name).map(String),
  };
}

const states: EnumerationTable | undefined = enumerationOf(Tag.State);

/** The name of a state. */
export function stateName(state: number): string {
  return (states && enumerationName(states, state)) ?? String(state);
}

/** Where states stand in the order of SP 800-57: a key never comes to a lower one. */
const order: readonly number[] = [
  State.PreActive,
  State.Active,
  State.Deactivated,
  State.Compromised,
  State.Destroyed,
  State.DestroyedCompromised,
];

/** Whether a key that was in one state is in an earlier one now. */
export function wentBack(before: number, now: number): boolean {
  return order.indexOf(now) < order.indexOf(before);
}

/** In what a key differs from what it must be; empty where it does not. */
export function differences(facts: KeyFacts, key: string, seen: Seen): readonly string[] {
  const wrong: string[] = [];
  const compare = (what: string, wanted: string, found: string): void => {
    if (wanted !== found) wrong.push(`${what} is ${found || "nothing"}, not ${wanted || "nothing"}`);
  };
  compare("State", stateName(facts.state), stateName(seen.state));
  compare("Name", key, seen.names.join());
  // Of a destroyed key the server keeps what it wants to (KMIP 2.1 §6.1.16).
  if (isGone(facts.state)) return wrong;
  compare("Contact Information", facts.label, seen.label);
  compare("Object Group", [...facts.groups].sort().join(), [...seen.groups].sort().join());
  return wrong;
}
