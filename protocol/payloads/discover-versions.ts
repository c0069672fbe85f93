import { protocolVersionCodec } from "../messages/header.js";
import type { ValueOf } from "../schema/codec.js";
import { repeated, structure } from "../schema/structure.js";
import { Tag } from "../tags.js";

/** Request of Discover Versions (KMIP 2.1 §6.1.16): none asks for all; best first. */
export const discoverVersionsRequest = structure("DiscoverVersionsRequest", {
  protocolVersions: repeated(Tag.ProtocolVersion, protocolVersionCodec),
});
export type DiscoverVersionsRequest = ValueOf<typeof discoverVersionsRequest>;

/** Response of Discover Versions: best first. */
export const discoverVersionsResponse = structure("DiscoverVersionsResponse", {
  protocolVersions: repeated(Tag.ProtocolVersion, protocolVersionCodec),
});
export type DiscoverVersionsResponse = ValueOf<typeof discoverVersionsResponse>;
