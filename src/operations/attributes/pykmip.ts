import { attributes } from "#protocol/attributes/definitions.js";
import { type ProtocolVersion, V2_0 } from "#protocol/versions.js";

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

/** Whether PyKMIP decodes an attribute in a version. Custom ones it does in 1.x, where they are told apart by name. */
export function isReadByPykmip(name: string, version: ProtocolVersion): boolean {
  return readable.has(name) || (version < V2_0 && name.startsWith("x-"));
}
