import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import { ObjectType, State } from "#protocol/enums/index.js";
import { AttributeSet } from "#src/objects/attribute-set.js";
import { replacementAttributes } from "#src/operations/making/replacement.js";

const given = new AttributeSet();
const key = (state: number, activation: number): AttributeSet =>
  given
    .with(attributes.state, state)
    .with(attributes.activationDate, activation)
    .with(attributes.deactivationDate, 5000);

/** Activation and deactivation date of what replaces a key at second 100. */
function datesOf(old: AttributeSet, offset?: number): readonly (number | undefined)[] {
  const made = replacementAttributes({ objectType: ObjectType.SymmetricKey, old, given }, { now: 100, offset });
  return [made.get(attributes.activationDate), made.get(attributes.deactivationDate)];
}

t.test("a replacement has the dates of the key it replaces", async (t) => {
  t.same(datesOf(key(State.Active, 50)), [50, 5000]);
  t.same(datesOf(key(State.PreActive, 1000)), [1000, 5000]);
});

t.test("an offset moves them", async (t) => {
  t.same(datesOf(key(State.Active, 50), 10), [110, 5060]);
});

t.test("what replaces an active key is active, also where the clock that activated it was ahead", async (t) => {
  t.same(datesOf(key(State.Active, 1000)), [100, 5000]);
  t.same(datesOf(key(State.Active, 1000), 10), [110, 4110]);
});
