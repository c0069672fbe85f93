import type { Migration } from "./migration.js";

/**
 * Leads from an object to the audit rows of its changes, past those of its uses, and to the rows of registrations. The
 * operations are those of the release that made this; saysWhatStands in audit-operations.ts must be the same text.
 */
export const auditChanges: Migration = {
  name: "0016-audit-changes",
  up: () => [
    "create index audit_changes on audit (tenant_id, object_id, sequence) where operation in (" +
      "'Activate', 'Revoke', 'Destroy', 'Archive', 'Recover', 'Add Attribute', 'Modify Attribute', " +
      "'Delete Attribute', 'Set Attribute', 'Adjust Attribute', 'Migrate Key', " +
      "'Issue Client', 'Change Client', 'Revoke Client', 'Re-provision')",
  ],
};
