import { attributes } from "#protocol/attributes/definitions.js";
import { Operation } from "#protocol/enums/index.js";
import { type NotifyRequest, notifyRequest, notifyResponse } from "#protocol/payloads/notify.js";
import { V2_0 } from "#protocol/versions.js";
import { readableAttributes } from "../attributes/reading.js";
import { defineClientOperation } from "./contract.js";

/** What a Notify is about, as it waits: names of attributes that were changed or deleted. */
export interface NotifyDetail {
  readonly attributes: readonly string[];
}

/**
 * Notify (KMIP 2.1 §6.2.2): attributes of an object that changed, with the values they have now, and those that are
 * gone: since 2.0 by reference, before without a value (KMIP 1.4 §5.1).
 */
export const notify = defineClientOperation<NotifyDetail, NotifyRequest>({
  code: Operation.Notify,
  name: "Notify",
  versions: {},
  request: notifyRequest,
  response: notifyResponse,
  rules: { destroyedAllowed: true, archivedAllowed: true },
  async compose({ now, version }, object, detail) {
    const set = readableAttributes(object, now, version);
    const names = [...new Set([...detail.attributes, attributes.lastChangeDate.name])];
    const deletedAttributes = names.filter((name) => set.of(name).length === 0);
    const changed = names.flatMap((name) => set.of(name));
    const emptied = version < V2_0 ? deletedAttributes.map((name) => ({ name, value: undefined })) : [];
    return { uniqueIdentifier: object.id, attributes: [...changed, ...emptied], deletedAttributes };
  },
});
