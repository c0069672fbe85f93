import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import { instance, nameOf } from "../kmip-actions.js";
import { asked, freshName, keyNamed, longAgo } from "./making.js";
import type { Stage, scenariosOf } from "./scenario.js";

/** Scenarios of one operation by the reason they come to. */
export type Ways = Parameters<typeof scenariosOf>[1];

/** The payload of an operation that makes an object, with these attributes beside what it needs. */
export type PayloadWith = (stage: Stage, ...more: readonly AttributeInstance[]) => object | Promise<object>;

/** What all operations refuse that make an object and take its attributes. */
export function makingWays(operation: number, payloadWith: PayloadWith): Ways {
  const way =
    (...more: readonly AttributeInstance[]) =>
    async (stage: Stage) =>
      asked(stage, operation, await payloadWith(stage, ...more));
  const comment = instance(attributes.comment, "one");
  const groups = Array.from({ length: 1001 }, (_, index) => instance(attributes.objectGroup, `group ${index}`));
  return {
    AttributeReadOnly: way(instance(attributes.state, 1)),
    AttributeSingleValued: way(comment, comment),
    InvalidAttribute: way(instance(attributes.certificateType, 1)),
    InvalidAttributeValue: way(
      instance(attributes.activationDate, longAgo + 1),
      instance(attributes.deactivationDate, longAgo),
    ),
    NonUniqueNameAttribute: async (stage) => {
      const name = freshName();
      await keyNamed(stage, name);
      return asked(stage, operation, await payloadWith(stage, nameOf(name)));
    },
    ServerLimitExceeded: way(...groups),
  };
}

/** Some of the ways. */
export function only(ways: Ways, ...reasons: readonly (keyof Ways)[]): Ways {
  return Object.fromEntries(Object.entries(ways).filter(([reason]) => reasons.includes(reason as keyof Ways)));
}
