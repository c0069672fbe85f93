import { boolean, type Codec, expectType, integer, textString, type ValueOf } from "../schema/codec.js";
import { optionalEnumeration, requiredEnumeration } from "../schema/enumeration.js";
import { optional, otherItems, repeated, required, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";
import { ItemType } from "../ttlv/item.js";
import { V1_4, V2_0 } from "../versions.js";

/** Server Information (KMIP 2.1 §7.37). Before 2.0 its content was the vendor's alone. */
export const serverInformation = structure("ServerInformation", {
  serverName: optional(Tag.ServerName, textString, { since: V2_0 }),
  serverSerialNumber: optional(Tag.ServerSerialNumber, textString, { since: V2_0 }),
  serverVersion: optional(Tag.ServerVersion, textString, { since: V2_0 }),
  serverLoad: optional(Tag.ServerLoad, textString, { since: V2_0 }),
  productName: optional(Tag.ProductName, textString, { since: V2_0 }),
  buildLevel: optional(Tag.BuildLevel, textString, { since: V2_0 }),
  buildDate: optional(Tag.BuildDate, textString, { since: V2_0 }),
  clusterInfo: optional(Tag.ClusterInfo, textString, { since: V2_0 }),
  alternateFailoverEndpoints: repeated(Tag.AlternateFailoverEndpoints, textString, { since: V2_0 }),
  vendorSpecific: otherItems,
});
export type ServerInformation = ValueOf<typeof serverInformation>;

/** The code of an item type: an Integer in 1.x, an Enumeration in 2.x. Either is read. */
export const itemTypeCode: Codec<number> = {
  decode: (item) => (item.type === ItemType.Enumeration ? item.value : expectType(item, ItemType.Integer)),
  encode: (tag, value, context) => ({
    tag,
    type: context.version < V2_0 ? ItemType.Integer : ItemType.Enumeration,
    value,
  }),
};

/** Extension Information (KMIP 2.1 §7.13). */
export const extensionInformation = structure("ExtensionInformation", {
  extensionName: required(Tag.ExtensionName, textString),
  extensionTag: optional(Tag.ExtensionTag, integer),
  extensionType: optional(Tag.ExtensionType, itemTypeCode),
  extensionEnumeration: optional(Tag.ExtensionEnumeration, integer, { since: V2_0 }),
  extensionAttribute: optional(Tag.ExtensionAttribute, boolean, { since: V2_0 }),
  extensionParentStructureTag: optional(Tag.ExtensionParentStructureTag, integer, { since: V2_0 }),
  extensionDescription: optional(Tag.ExtensionDescription, textString, { since: V2_0 }),
});
export type ExtensionInformation = ValueOf<typeof extensionInformation>;

/** Profile Version (KMIP 2.1 §7.32). */
export const profileVersion = structure("ProfileVersion", {
  profileVersionMajor: required(Tag.ProfileVersionMajor, integer),
  profileVersionMinor: required(Tag.ProfileVersionMinor, integer),
});

/** Profile Information (KMIP 2.1 §7.31). */
export const profileInformation = structure("ProfileInformation", {
  profileName: requiredEnumeration(Tag.ProfileName),
  profileVersion: optional(Tag.ProfileVersion, profileVersion, { since: V2_0 }),
  serverUri: optional(Tag.ServerURI, textString),
  serverPort: optional(Tag.ServerPort, integer),
});
export type ProfileInformation = ValueOf<typeof profileInformation>;

/** Validation Information (KMIP 2.1 §7.41). */
export const validationInformation = structure("ValidationInformation", {
  validationAuthorityType: requiredEnumeration(Tag.ValidationAuthorityType),
  validationAuthorityCountry: optional(Tag.ValidationAuthorityCountry, textString),
  validationAuthorityUri: optional(Tag.ValidationAuthorityURI, textString),
  validationVersionMajor: required(Tag.ValidationVersionMajor, integer),
  validationVersionMinor: optional(Tag.ValidationVersionMinor, integer),
  validationType: requiredEnumeration(Tag.ValidationType),
  validationLevel: required(Tag.ValidationLevel, integer),
  validationCertificateIdentifier: optional(Tag.ValidationCertificateIdentifier, textString),
  validationCertificateUri: optional(Tag.ValidationCertificateURI, textString),
  validationVendorUri: optional(Tag.ValidationVendorURI, textString),
  validationProfile: repeated(Tag.ValidationProfile, textString),
});
export type ValidationInformation = ValueOf<typeof validationInformation>;

/** Capability Information (KMIP 2.1 §7.5). */
export const capabilityInformation = structure("CapabilityInformation", {
  streamingCapability: optional(Tag.StreamingCapability, boolean),
  asynchronousCapability: optional(Tag.AsynchronousCapability, boolean),
  attestationCapability: optional(Tag.AttestationCapability, boolean),
  batchUndoCapability: optional(Tag.BatchUndoCapability, boolean, { since: V1_4 }),
  batchContinueCapability: optional(Tag.BatchContinueCapability, boolean, { since: V1_4 }),
  unwrapMode: optionalEnumeration(Tag.UnwrapMode),
  destroyAction: optionalEnumeration(Tag.DestroyAction),
  shreddingAlgorithm: optionalEnumeration(Tag.ShreddingAlgorithm),
  rngMode: optionalEnumeration(Tag.RNGMode),
  quantumSafeCapability: optional(Tag.QuantumSafeCapability, boolean, { since: V2_0 }),
});
export type CapabilityInformation = ValueOf<typeof capabilityInformation>;
