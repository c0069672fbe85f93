import { attributes } from "#protocol/attributes/definitions.js";
import { AdjustmentType, Operation, UsageLimitsUnit } from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { ItemType } from "#protocol/ttlv/item.js";
import { instance, nameOf } from "../kmip-actions.js";
import type { Answered } from "../kmip-client-messages.js";
import {
  activeKey,
  archivedKey,
  asked,
  askedOf,
  deactivatedKey,
  freshName,
  identifierItem,
  keyNamed,
  longAgo,
  missing,
  payloadOf,
  strangeReference,
} from "./making.js";
import { type Scenario, type Stage, scenariosOf } from "./scenario.js";

const comment = instance(attributes.comment, "one");
const state = instance(attributes.state, 1);
const date = instance(attributes.deactivationDate, longAgo);

/** Asks an operation that gives an object an attribute. */
function giving(operation: number, stage: Stage, id: string, newAttribute: object): Promise<Answered> {
  return askedOf(stage, operation, id, { newAttribute });
}

/** Gives an object the name that another one has. */
async function namedAlike(operation: number, stage: Stage): Promise<Answered> {
  const name = freshName();
  await keyNamed(stage, name);
  return giving(operation, stage, await keyNamed(stage, freshName()), nameOf(name));
}

/** An adjustment by one of an attribute. */
const increment = (attributeName: string): object => ({ attributeName, adjustmentType: AdjustmentType.Increment });

const groups = (count: number) =>
  Array.from({ length: count }, (_, index) => instance(attributes.objectGroup, `group ${index}`));

/** What goes wrong with operations on attributes. */
export const attributeScenarios: readonly Scenario[] = [
  ...scenariosOf(Operation.AddAttribute, {
    ObjectNotFound: (stage) =>
      asked(stage, Operation.AddAttribute, { uniqueIdentifier: missing, newAttribute: comment }),
    AttributeSingleValued: async (stage) =>
      giving(Operation.AddAttribute, stage, await stage.actions.create(comment), comment),
    InvalidAttribute: async (stage) =>
      giving(
        Operation.AddAttribute,
        stage,
        await stage.actions.create(),
        instance(attributes.cryptographicDomainParameters, { qlength: 256 }),
      ),
    ReadOnlyAttribute: async (stage) => giving(Operation.AddAttribute, stage, await stage.actions.create(), state),
    NonUniqueNameAttribute: (stage) => namedAlike(Operation.AddAttribute, stage),
    ServerLimitExceeded: async (stage) => {
      const id = await stage.actions.create(...groups(990));
      for (let count = 0; count < 20; count += 1) {
        const answered = await giving(
          Operation.AddAttribute,
          stage,
          id,
          instance(attributes.objectGroup, `one more ${count}`),
        );
        if (answered.reason !== undefined) return answered;
      }
      throw new RangeError("there is no limit");
    },
    WrongKeyLifecycleState: async (stage) =>
      giving(Operation.AddAttribute, stage, await deactivatedKey(stage), instance(attributes.protectStopDate, longAgo)),
  }),
  ...scenariosOf(Operation.SetAttribute, {
    ObjectNotFound: (stage) =>
      asked(stage, Operation.SetAttribute, { uniqueIdentifier: missing, newAttribute: comment }),
    InvalidAttributeValue: async (stage) => {
      const id = await stage.actions.create(instance(attributes.activationDate, 4_000_000_000));
      return giving(Operation.SetAttribute, stage, id, date);
    },
    MultiValuedAttribute: async (stage) => {
      const id = await stage.actions.create(...groups(2));
      return giving(Operation.SetAttribute, stage, id, instance(attributes.objectGroup, "one"));
    },
    ReadOnlyAttribute: async (stage) => giving(Operation.SetAttribute, stage, await stage.actions.create(), state),
    NonUniqueNameAttribute: (stage) => namedAlike(Operation.SetAttribute, stage),
    WrongKeyLifecycleState: async (stage) =>
      giving(Operation.SetAttribute, stage, await activeKey(stage), instance(attributes.activationDate, longAgo)),
  }),
  ...scenariosOf(Operation.ModifyAttribute, {
    ObjectNotFound: (stage) =>
      asked(stage, Operation.ModifyAttribute, { uniqueIdentifier: missing, newAttribute: comment }),
    AttributeNotFound: async (stage) => giving(Operation.ModifyAttribute, stage, await stage.actions.create(), comment),
    AttributeInstanceNotFound: async (stage) =>
      askedOf(stage, Operation.ModifyAttribute, await stage.actions.create(...groups(2)), {
        currentAttribute: instance(attributes.objectGroup, "another"),
        newAttribute: instance(attributes.objectGroup, "one"),
      }),
    AttributeReadOnly: async (stage) => giving(Operation.ModifyAttribute, stage, await stage.actions.create(), state),
    NonUniqueNameAttribute: (stage) => namedAlike(Operation.ModifyAttribute, stage),
    WrongKeyLifecycleState: async (stage) =>
      giving(Operation.ModifyAttribute, stage, await activeKey(stage), instance(attributes.activationDate, longAgo)),
  }),
  ...scenariosOf(Operation.DeleteAttribute, {
    ObjectNotFound: (stage) =>
      asked(stage, Operation.DeleteAttribute, { uniqueIdentifier: missing, currentAttribute: comment }),
    AttributeNotFound: async (stage) =>
      askedOf(stage, Operation.DeleteAttribute, await stage.actions.create(), { currentAttribute: comment }),
    AttributeInstanceNotFound: async (stage) =>
      askedOf(stage, Operation.DeleteAttribute, await stage.actions.create(...groups(2)), {
        currentAttribute: instance(attributes.objectGroup, "another"),
      }),
    AttributeReadOnly: async (stage) =>
      askedOf(stage, Operation.DeleteAttribute, await stage.actions.create(), { currentAttribute: state }),
    WrongKeyLifecycleState: async (stage) => {
      const limits = { usageLimitsTotal: 10n, usageLimitsUnit: UsageLimitsUnit.Byte };
      const id = await activeKey(stage, instance(attributes.usageLimits, limits));
      await stage.actions.act(Operation.GetUsageAllocation, id, { usageLimitsCount: 1n });
      return askedOf(stage, Operation.DeleteAttribute, id, { attributeName: "Usage Limits" });
    },
    InvalidAttribute: async (stage) => {
      const id = await stage.actions.create();
      return asked(stage, Operation.DeleteAttribute, payloadOf(identifierItem(id), strangeReference));
    },
  }),
  ...scenariosOf(Operation.AdjustAttribute, {
    ItemNotFound: (stage) =>
      asked(stage, Operation.AdjustAttribute, { uniqueIdentifier: missing, ...increment("Protection Period") }),
    ObjectArchived: async (stage) =>
      askedOf(stage, Operation.AdjustAttribute, await archivedKey(stage), increment("Protection Period")),
    InvalidDataType: async (stage) =>
      askedOf(stage, Operation.AdjustAttribute, await stage.actions.create(comment), increment("Comment")),
    MultiValuedAttribute: async (stage) =>
      askedOf(stage, Operation.AdjustAttribute, await stage.actions.create(...groups(2)), increment("Object Group")),
    NumericRange: async (stage) =>
      askedOf(stage, Operation.AdjustAttribute, await stage.actions.create(), {
        attributeName: "Protection Period",
        adjustmentType: AdjustmentType.Decrement,
      }),
    ReadOnlyAttribute: async (stage) =>
      askedOf(stage, Operation.AdjustAttribute, await stage.actions.create(), increment("State")),
    UnsupportedAttribute: async (stage) =>
      asked(
        stage,
        Operation.AdjustAttribute,
        payloadOf(identifierItem(await stage.actions.create()), strangeReference, {
          tag: Tag.AdjustmentType,
          type: ItemType.Enumeration,
          value: AdjustmentType.Increment,
        }),
      ),
    WrongKeyLifecycleState: async (stage) => {
      const id = await activeKey(stage);
      return askedOf(stage, Operation.AdjustAttribute, id, increment("Activation Date"));
    },
  }),
];
