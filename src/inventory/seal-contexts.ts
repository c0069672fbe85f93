/** What a tenant's PIN is sealed under: a sealed PIN copied to another tenant does not open. */
export function pinContext(tenantId: string): string {
  return `tenant PIN: ${tenantId}`;
}

/** What the private key that the server shows to a destination is sealed under: one copied to another does not open. */
export function destinationKeyContext(id: string): string {
  return `destination key: ${id}`;
}
