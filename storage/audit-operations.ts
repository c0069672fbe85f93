/** Operations that, done, always change the object their audit row names, and set its Last Change Date. */
export const objectChangingOperations = [
  "Activate",
  "Revoke",
  "Destroy",
  "Archive",
  "Recover",
  "Add Attribute",
  "Modify Attribute",
  "Delete Attribute",
  "Set Attribute",
  "Adjust Attribute",
  "Migrate Key",
] as const;

/** Operations that register clients and certificates, and change what they may do. */
const registeringOperations = ["Issue Client", "Change Client", "Revoke Client", "Re-provision"] as const;

/** The condition of the index of audit rows that say what must stand in other tables. */
export const saysWhatStands = `operation in (${[...objectChangingOperations, ...registeringOperations]
  .map((operation) => `'${operation}'`)
  .join(", ")})`;
