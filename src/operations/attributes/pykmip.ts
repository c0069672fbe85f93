import { attributes } from "#protocol/attributes/definitions.js";

/** The attributes whose values PyKMIP 0.10 decodes in every version it speaks. All others end its decoder. */
const readable: ReadonlySet<string> = new Set(
  [
    attributes.uniqueIdentifier,
    attributes.name,
    attributes.objectType,
    attributes.cryptographicAlgorithm,
    attributes.cryptographicLength,
    attributes.cryptographicParameters,
    attributes.certificateLength,
    attributes.digest,
    attributes.operationPolicyName,
    attributes.cryptographicUsageMask,
    attributes.leaseTime,
    attributes.state,
    attributes.initialDate,
    attributes.activationDate,
    attributes.processStartDate,
    attributes.protectStopDate,
    attributes.deactivationDate,
    attributes.destroyDate,
    attributes.compromiseOccurrenceDate,
    attributes.compromiseDate,
    attributes.archiveDate,
    attributes.objectGroup,
    attributes.fresh,
    attributes.applicationSpecificInformation,
    attributes.contactInformation,
    attributes.lastChangeDate,
    attributes.sensitive,
  ].map(({ name }) => name),
);

/** Whether PyKMIP decodes an attribute; the custom ones of clients it does in 1.x, where they have a text for a name. */
export function isReadByPykmip(name: string): boolean {
  return readable.has(name) || name.startsWith("x-");
}
