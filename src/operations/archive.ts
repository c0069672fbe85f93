import { attributes } from "#protocol/attributes/definitions.js";
import { Operation } from "#protocol/enums/index.js";
import { archiveRequest, archiveResponse } from "#protocol/payloads/archive.js";
import { changedAt, withAttributes } from "#src/objects/managed-object.js";
import { defineOperation } from "./contract/operation.js";

/** Archive (KMIP 2.1 §6.1.4): the object is neither used nor given out until it is recovered; its attributes stay readable. */
export const archive = defineOperation({
  code: Operation.Archive,
  name: "Archive",
  versions: {},
  request: archiveRequest,
  response: archiveResponse,
  permission: "modify",
  asynchrony: "long",
  target: { naming: ({ uniqueIdentifier }) => uniqueIdentifier },
  async run({ target, now, changes, keys }) {
    changes.update(changedAt(withAttributes(target, target.attributes.with(attributes.archiveDate, now)), now));
    keys.putAway(target);
    return { uniqueIdentifier: target.id };
  },
});
