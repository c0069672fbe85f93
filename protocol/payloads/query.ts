import { oneOrMore } from "../schema/choice.js";
import { textString, type ValueOf } from "../schema/codec.js";
import { enumerationFor } from "../schema/enumeration.js";
import { optional, repeated, structure } from "../schema/structure.js";
import { rngParametersStructure } from "../structures/attribute-values.js";
import { defaultsInformation } from "../structures/defaults.js";
import { objectGroups } from "../structures/lists.js";
import {
  capabilityInformation,
  extensionInformation,
  profileInformation,
  serverInformation,
  validationInformation,
} from "../structures/query.js";
import { Tag } from "../tags.js";
import { V1_1, V1_2, V1_3, V2_0, V2_1 } from "../versions.js";
import { storageMasks } from "./fields.js";

/** Request of Query (KMIP 2.1 §6.1.40). */
export const queryRequest = structure("QueryRequest", {
  queryFunctions: oneOrMore(repeated(Tag.QueryFunction, enumerationFor(Tag.QueryFunction))),
  objectGroups: optional(Tag.ObjectGroups, objectGroups, { since: V2_1 }),
});
export type QueryRequest = ValueOf<typeof queryRequest>;

/** Response of Query: what was not asked for is left out. */
export const queryResponse = structure("QueryResponse", {
  operations: repeated(Tag.Operation, enumerationFor(Tag.Operation)),
  objectTypes: repeated(Tag.ObjectType, enumerationFor(Tag.ObjectType)),
  vendorIdentification: optional(Tag.VendorIdentification, textString),
  serverInformation: optional(Tag.ServerInformation, serverInformation),
  applicationNamespaces: repeated(Tag.ApplicationNamespace, textString),
  extensionInformation: repeated(Tag.ExtensionInformation, extensionInformation, { since: V1_1 }),
  attestationTypes: repeated(Tag.AttestationType, enumerationFor(Tag.AttestationType), { since: V1_2 }),
  rngParameters: repeated(Tag.RNGParameters, rngParametersStructure, { since: V1_3 }),
  profileInformation: repeated(Tag.ProfileInformation, profileInformation, { since: V1_3 }),
  validationInformation: repeated(Tag.ValidationInformation, validationInformation, { since: V1_3 }),
  capabilityInformation: repeated(Tag.CapabilityInformation, capabilityInformation, { since: V1_3 }),
  clientRegistrationMethods: repeated(Tag.ClientRegistrationMethod, enumerationFor(Tag.ClientRegistrationMethod), {
    since: V1_3,
  }),
  defaultsInformation: optional(Tag.DefaultsInformation, defaultsInformation, { since: V2_0 }),
  protectionStorageMasks: storageMasks(Tag.ProtectionStorageMasks),
});
export type QueryResponse = ValueOf<typeof queryResponse>;
