import type { ProtocolVersion } from "#protocol/versions.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { Caller } from "./caller.js";
import type { Permission } from "./permissions.js";

/** What a decision is made on. */
export interface AccessRequest {
  readonly caller: Caller;
  readonly permission: Permission;
  readonly operation: string;
  readonly version: ProtocolVersion;
}

/** Decides what callers may do. The pipeline asks it once for every batch item; nothing else does. */
export interface AccessPolicy {
  /** Whether the request may go on. */
  allows(request: AccessRequest): boolean;
}

/** The policy of a tenant that set none: each client may do what it was registered for, with every object of the tenant. */
export const tenantWidePolicy: AccessPolicy = {
  allows: ({ caller, permission }) => caller.permissions.has(permission),
};

/** Throws KmipError `PermissionDenied` where the policy says no. */
export function authorise(policy: AccessPolicy, request: AccessRequest): void {
  if (policy.allows(request)) return;
  throw new KmipError("PermissionDenied", `this client may not ${request.permission} here`);
}
