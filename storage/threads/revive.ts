/** Bytes cross the border between threads as Uint8Array; the callers are promised Buffer. */
export function revive(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const fields = value as Record<string, unknown>;
  for (const field of Object.keys(fields)) {
    const before = fields[field];
    if (typeof before === "object" && before !== null) fields[field] = revive(before);
  }
  return value;
}
