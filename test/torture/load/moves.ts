/** What load clients ask for, one row a move. */
import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import { Operation, RevocationReasonCode, State } from "#protocol/enums/index.js";
import { instance, nameOf, requested } from "#test/support/kmip-actions.js";
import { named } from "#test/support/kmip-client-messages.js";
import type { MoveName } from "./key-facts.js";
import { create, createPair, register } from "./making-moves.js";
import { idOf, inState, isSymmetric, type Move, sameObject, told } from "./move.js";
import { differences, lookedAt, seenIn } from "./seen.js";
import { decrypt, encrypt, get, sign } from "./using-moves.js";

const activate: Move = {
  operation: Operation.Activate,
  title: "Activate",
  weight: 12,
  fits: inState(State.PreActive),
  ask: (position) => ({ payload: idOf(position), given: {} }),
  read: sameObject,
};

const changeable = inState(State.PreActive, State.Active, State.Deactivated);

const relabel: Move = {
  operation: Operation.ModifyAttribute,
  title: "Modify Attribute",
  weight: 4,
  fits: changeable,
  ask: (position) => {
    const label = `${position.tenant} ${position.count}`;
    const newAttribute = instance(attributes.contactInformation, label);
    return { payload: { ...idOf(position), newAttribute }, given: { label } };
  },
  read: sameObject,
};

const addGroup: Move = {
  operation: Operation.AddAttribute,
  title: "Add Attribute",
  weight: 4,
  fits: (position) => changeable(position) && (position.facts?.groups.length ?? 0) < 6,
  ask: (position) => {
    const group = `group ${position.count}`;
    const newAttribute = instance(attributes.objectGroup, group);
    return { payload: { ...idOf(position), newAttribute }, given: { group } };
  },
  read: sameObject,
};

function revoking(weight: number, revocationReasonCode: number): Move {
  return {
    operation: Operation.Revoke,
    title: "Revoke",
    weight,
    fits: inState(State.Active),
    ask: (position) => ({ payload: { ...idOf(position), revocationReason: { revocationReasonCode } }, given: {} }),
    read: sameObject,
  };
}

const destroy: Move = {
  operation: Operation.Destroy,
  title: "Destroy",
  weight: 6,
  fits: inState(State.PreActive, State.Deactivated, State.Compromised),
  ask: (position) => ({ payload: idOf(position), given: {} }),
  read: sameObject,
};

const reKey: Move = {
  operation: Operation.ReKey,
  title: "Re-key",
  weight: 2,
  fits: (position) =>
    isSymmetric(position) &&
    inState(State.PreActive, State.Active)(position) &&
    (position.facts?.former.length ?? 0) < 3,
  ask: (position) => ({ payload: { ...idOf(position), attributes: requested() }, given: {} }),
  read: (payload) => ({ got: { id: String(told(payload)["uniqueIdentifier"]) } }),
};

const locate: Move = {
  operation: Operation.Locate,
  title: "Locate",
  weight: 3,
  fits: changeable,
  ask: ({ key }) => ({ payload: { attributes: [nameOf(key)] }, given: {} }),
  read: (payload, { facts }) => {
    const found = (told(payload)["uniqueIdentifiers"] ?? []) as readonly string[];
    const isRight = found.length === 1 && found[0] === facts?.id;
    return { got: {}, wrong: isRight ? undefined : `Locate of its Name gives ${found.join() || "nothing"}` };
  },
};

const look: Move = {
  operation: Operation.GetAttributes,
  title: "Get Attributes",
  weight: 4,
  fits: ({ facts }) => facts?.id !== undefined,
  ask: (position) => ({ payload: { ...idOf(position), attributeNames: lookedAt }, given: {} }),
  read: (payload, { facts, key }) => {
    if (facts === null) throw new RangeError("nothing to look at");
    const seen = seenIn(told(payload)["attributes"] as readonly AttributeInstance[]);
    return { got: {}, wrong: differences(facts, key, seen).join("; ") || undefined };
  },
};

const trespass: Move = {
  operation: Operation.Get,
  title: "Get",
  weight: 1,
  fits: ({ facts, foreignId }) => facts !== null && foreignId !== undefined,
  ask: ({ foreignId = "" }) => ({ payload: { uniqueIdentifier: named(foreignId) }, given: {} }),
  read: () => ({ got: {} }),
  never: "an object of another tenant was given",
};

/** All moves. */
export const moves: Readonly<Record<MoveName, Move>> = {
  create,
  register,
  createPair,
  activate,
  get,
  encrypt,
  decrypt,
  sign,
  relabel,
  addGroup,
  revoke: revoking(3, RevocationReasonCode.CessationOfOperation),
  compromise: revoking(1, RevocationReasonCode.KeyCompromise),
  destroy,
  reKey,
  locate,
  look,
  trespass,
};
