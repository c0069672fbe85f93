import { attributes } from "#protocol/attributes/definitions.js";
import { Operation } from "#protocol/enums/index.js";
import { recoverRequest, recoverResponse } from "#protocol/payloads/recover.js";
import { changedAt, withAttributes } from "#src/objects/managed-object.js";
import { defineOperation } from "./contract/operation.js";

/** Recover (KMIP 2.1 §6.1.42): an archived object is on-line again. One that is on-line already stays as it is. */
export const recover = defineOperation({
  code: Operation.Recover,
  name: "Recover",
  versions: {},
  request: recoverRequest,
  response: recoverResponse,
  permission: "modify",
  asynchrony: "long",
  placeholder: ({ uniqueIdentifier }) => ({ current: uniqueIdentifier }),
  target: { naming: ({ uniqueIdentifier }) => uniqueIdentifier, archivedAllowed: true },
  async run({ target, now, changes }) {
    if (target.attributes.has(attributes.archiveDate.name)) {
      const online = withAttributes(target, target.attributes.without(attributes.archiveDate.name));
      changes.update(changedAt(online, now));
    }
    return { uniqueIdentifier: target.id };
  },
});
