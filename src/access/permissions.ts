/**
 * What a caller may be allowed to do. Each operation declares one. `administer` is to set rules that hold for the whole
 * tenant.
 */
export const permissions = ["inquire", "read", "use", "create", "modify", "destroy", "administer"] as const;

/** One permission. */
export type Permission = (typeof permissions)[number];

/** What every client may do unless it was registered for other things: all but to set rules for the whole tenant. */
export const usualPermissions: readonly Permission[] = permissions.filter((permission) => permission !== "administer");
