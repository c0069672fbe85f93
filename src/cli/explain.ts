/** Ways in which the system refuses, and what an operator does about them. */
const systemErrors: Readonly<Record<string, string>> = {
  EACCES: "this user may not do that; run the command as the user that the server runs as",
  EPERM: "this user may not do that; run the command as the user that the server runs as",
  EADDRINUSE:
    "another program listens on that port; stop it, or set KEYREEVE_KMIP_PORT, KEYREEVE_HTTPS_PORT or KEYREEVE_ADMIN_PORT",
  EADDRNOTAVAIL: "this machine has no such address; correct kmip.host, kmip.https.host or admin.host",
  ENOSPC: "the disk is full",
  EROFS: "the file system is read-only",
  // Of the database (StorageError).
  behind:
    "bring back the database that has it; where the loss is meant, put the file of checkpoints (audit.checkpointFile) " +
    "elsewhere and start again: what it says of the lost rows stays a proof",
};

/** What an operator does about errors of a class, by its name. */
const classes: Readonly<Record<string, string>> = {
  KmipConnectionError:
    '"keyreeve doctor HOST:PORT --identity DIR" tries the connection step by step and says what to do',
};

/** What went wrong and what to do, for people: no stack, no internal names. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const advice = systemErrors[code] ?? classes[error.name];
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
  return advice === undefined ? `${error.message}${cause}` : `${error.message}${cause}\n  ${advice}`;
}
