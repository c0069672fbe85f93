import { Operation } from "#protocol/enums/index.js";
import { getAttributesRequest, getAttributesResponse } from "#protocol/payloads/get-attributes.js";
import type { ProtocolVersion } from "#protocol/versions.js";
import type { Caller } from "#src/access/caller.js";
import type { AttributeSet } from "#src/objects/attribute-set.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { isReadByPykmip } from "./attributes/pykmip.js";
import { instancesOf, listedNames, readableAttributes } from "./attributes/reading.js";
import { defineOperation } from "./contract/operation.js";

/** Get Attributes (KMIP 2.1 §6.1.20): the named attributes the object has, or all. */
export const getAttributes = defineOperation({
  code: Operation.GetAttributes,
  name: "Get Attributes",
  versions: {},
  request: getAttributesRequest,
  response: getAttributesResponse,
  permission: "read",
  twoXReasons: { UnsupportedAttribute: "InvalidAttribute" },
  target: { naming: ({ uniqueIdentifier }) => uniqueIdentifier, destroyedAllowed: true, archivedAllowed: true },
  async run({ target, now, version, request }, { attributeNames }) {
    const repeated = attributeNames.find((name, index) => attributeNames.indexOf(name) !== index);
    if (repeated !== undefined) throw new KmipError("InvalidMessage", `"${repeated}" is asked for more than once`);
    const set = readableAttributes(target, now, version);
    const names = attributeNames.length === 0 ? unaskedNames(set, version, request.caller) : attributeNames;
    return { uniqueIdentifier: target.id, attributes: instancesOf(set, names) };
  },
});

/** What a request that names no attributes is given, as far as the profile of the client lets it through. */
function unaskedNames(set: AttributeSet, version: ProtocolVersion, { behaviour }: Caller): readonly string[] {
  const names = listedNames(set, version);
  return behaviour.onlyAttributesPykmipReads ? names.filter((name) => isReadByPykmip(name, version)) : names;
}
