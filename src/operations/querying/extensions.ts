import type { ExtensionInformation } from "#protocol/structures/query.js";
import { ItemType } from "#protocol/ttlv/item.js";

/**
 * The extension tags that the test cases of OASIS agree on (TC-122). Items of all extension tags are taken in the values
 * of vendor attributes and kept there, and passed over elsewhere.
 */
const interoperabilityExtensions: readonly Required<
  Pick<ExtensionInformation, "extensionName" | "extensionTag" | "extensionType">
>[] = [
  { extensionName: "ACME LOCATION", extensionTag: 0x54aa01, extensionType: ItemType.TextString },
  { extensionName: "ACME ZIP CODE", extensionTag: 0x54aa02, extensionType: ItemType.Integer },
];

/** The extension tags that a tenant's server knows by name. */
export function knownExtensions(takesPartInTests: boolean): readonly ExtensionInformation[] {
  return takesPartInTests ? interoperabilityExtensions : [];
}
