import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import { ObjectType, ObjectTypeTable, State, StateTable } from "#protocol/enums/index.js";
import { AttributeSet } from "#src/objects/attribute-set.js";
import { destroyableStates, hasState, isDestroyed, stateAt, useRefusal } from "#src/objects/lifecycle.js";

/** A set in a state, with dates in seconds. */
function inState(
  state: number,
  dates: { activation?: number; deactivation?: number; start?: number; stop?: number } = {},
) {
  return new AttributeSet()
    .with(attributes.state, state)
    .with(attributes.activationDate, dates.activation)
    .with(attributes.deactivationDate, dates.deactivation)
    .with(attributes.processStartDate, dates.start)
    .with(attributes.protectStopDate, dates.stop);
}

t.test("an object becomes Active when its Activation Date comes, and not a second before", async (t) => {
  const set = inState(State.PreActive, { activation: 100 });
  t.equal(stateAt(set, 99), State.PreActive);
  t.equal(stateAt(set, 100), State.Active);
});

t.test("an object becomes Deactivated when its Deactivation Date comes", async (t) => {
  const set = inState(State.Active, { deactivation: 100 });
  t.equal(stateAt(set, 99), State.Active);
  t.equal(stateAt(set, 100), State.Deactivated);
});

t.test("an object whose dates have both come goes from Pre-Active to Deactivated", async (t) => {
  t.equal(stateAt(inState(State.PreActive, { activation: 50, deactivation: 100 }), 100), State.Deactivated);
});

t.test("a Deactivation Date alone does not touch a Pre-Active object", async (t) => {
  t.equal(stateAt(inState(State.PreActive, { deactivation: 100 }), 200), State.PreActive);
});

t.test("no date changes a state that only a request leads to", async (t) => {
  for (const state of [State.Deactivated, State.Compromised, State.Destroyed, State.DestroyedCompromised]) {
    t.equal(stateAt(inState(state, { activation: 1, deactivation: 2 }), 100), state);
  }
});

t.test("protecting needs Active; processing is also allowed for Deactivated and Compromised", async (t) => {
  const allowed = (use: "protect" | "process"): number[] =>
    StateTable.facts.map(({ value }) => value).filter((state) => useRefusal(inState(state), use, 10) === undefined);
  t.same(allowed("protect"), [State.Active]);
  t.same(allowed("process"), [State.Active, State.Deactivated, State.Compromised]);
});

t.test("Protect Stop Date ends protecting and nothing else", async (t) => {
  const set = inState(State.Active, { stop: 100 });
  t.equal(useRefusal(set, "protect", 99), undefined);
  t.not(useRefusal(set, "protect", 100), undefined);
  t.equal(useRefusal(set, "process", 100), undefined);
});

t.test("Process Start Date holds back processing and nothing else", async (t) => {
  const set = inState(State.Active, { start: 100 });
  t.not(useRefusal(set, "process", 99), undefined);
  t.equal(useRefusal(set, "process", 100), undefined);
  t.equal(useRefusal(set, "protect", 99), undefined);
});

t.test("an Active object is not destroyed, and a destroyed one not again", async (t) => {
  const refused = StateTable.facts.map(({ value }) => value).filter((state) => !destroyableStates.has(state));
  t.same(refused, [State.Active, State.Destroyed, State.DestroyedCompromised]);
  t.same(StateTable.facts.map(({ value }) => value).filter(isDestroyed), [State.Destroyed, State.DestroyedCompromised]);
});

t.test("every object type but Template has a state", async (t) => {
  const without = ObjectTypeTable.facts.map(({ value }) => value).filter((type) => !hasState(type));
  t.same(without, [ObjectType.Template]);
});
