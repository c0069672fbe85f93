import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import { ObjectType, State } from "#protocol/enums/index.js";
import { AttributeSet } from "#src/objects/attribute-set.js";
import { isRotationDue, rotationDate } from "#src/objects/rotation.js";

const set = new AttributeSet()
  .with(attributes.initialDate, 1000)
  .with(attributes.rotateAutomatic, true)
  .with(attributes.rotateInterval, 50)
  .with(attributes.state, State.Active);

function dateOf(changed: AttributeSet, objectType: number = ObjectType.SymmetricKey): number | undefined {
  return rotationDate({ objectType, attributes: changed });
}

t.test("an object is due a Rotate Interval after its Initial Date", async (t) => {
  t.equal(dateOf(set), 1050);
  const object = { objectType: ObjectType.SymmetricKey, attributes: set };
  t.same(
    [1049, 1050, 2000].map((now) => isRotationDue(object, now)),
    [false, true, true],
  );
});

t.test("nothing is due that nobody asked for, that is replaced, or that cannot be replaced", async (t) => {
  const never = [
    set.with(attributes.rotateAutomatic, false),
    set.without(attributes.rotateInterval.name),
    set.with(attributes.rotateInterval, 0),
    set.with(attributes.rotateLatest, false),
    set.with(attributes.archiveDate, 1001),
    set.with(attributes.deactivationDate, 1050),
    ...[State.Deactivated, State.Compromised, State.Destroyed, State.DestroyedCompromised].map((state) =>
      set.with(attributes.state, state),
    ),
  ];
  for (const each of never) t.equal(dateOf(each), undefined);
  t.equal(dateOf(set, ObjectType.SecretData), undefined);
  t.equal(dateOf(set.with(attributes.state, State.PreActive)), 1050);
});

t.test("what was not replaced in time and is deactivated since is not due any more", async (t) => {
  const object = { objectType: ObjectType.PrivateKey, attributes: set.with(attributes.deactivationDate, 1100) };
  t.same(
    [1050, 1099, 1100].map((now) => isRotationDue(object, now)),
    [true, true, false],
  );
});
