import type { ValueOf } from "../schema/codec.js";
import { requiredEnumeration } from "../schema/enumeration.js";
import { structure } from "../schema/structure.js";
import { Tag } from "../tags.js";

/** Request of Set Endpoint Role (KMIP 2.1 §6.1.54, §6.2.5). */
export const setEndpointRoleRequest = structure("SetEndpointRoleRequest", {
  endpointRole: requiredEnumeration(Tag.EndpointRole),
});
export type SetEndpointRoleRequest = ValueOf<typeof setEndpointRoleRequest>;

/** Response of Set Endpoint Role. */
export const setEndpointRoleResponse = structure("SetEndpointRoleResponse", {
  endpointRole: requiredEnumeration(Tag.EndpointRole),
});
export type SetEndpointRoleResponse = ValueOf<typeof setEndpointRoleResponse>;
