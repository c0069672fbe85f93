import { randomUUID } from "node:crypto";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import { ObjectType } from "#protocol/enums/index.js";
import { AttributeSet } from "#src/objects/attribute-set.js";
import { changedAt, type ManagedObject } from "#src/objects/managed-object.js";

const made: ManagedObject = {
  tenantId: randomUUID(),
  id: randomUUID(),
  objectType: ObjectType.SymmetricKey,
  version: 1,
  attributes: new AttributeSet().with(attributes.lastChangeDate, 1000),
  material: null,
};
const dateOf = ({ attributes: set }: ManagedObject): number | undefined => set.get(attributes.lastChangeDate);

t.test("a change sets the Last Change Date", async (t) => {
  t.equal(dateOf(changedAt(made, 1001)), 1001);
  t.equal(dateOf(changedAt({ ...made, attributes: new AttributeSet() }, 5)), 5);
});

t.test(
  "a change by a clock that was set back leaves it at the latest, so that no change is older than an audited one",
  async (t) => {
    t.equal(dateOf(changedAt(made, 5)), 1000);
  },
);
