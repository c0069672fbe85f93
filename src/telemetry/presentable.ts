/** What stands in a line instead of a value whose name says that it is secret. */
const withheld = "[withheld]";

/** Words that make a name secret wherever they stand in it; `keyId`, `pinned` and the like do not match. */
const secretName =
  /(^|[a-z_-])(pass(word|phrase)|pins?|secrets?|credentials?|private_?key|key_?material|plaintext|token_?value)$/i;

const maximumDepth = 6;
const maximumEntries = 50;

/**
 * A form of a value that may stand in a log. Binary values become their length, whatever their name; values under a
 * secret name are withheld; errors give type, code, message, stack and cause, and none of their other fields.
 */
export function presentable(value: unknown, name = "", depth = 0): unknown {
  if (value === undefined || value === null) return value;
  if (secretName.test(name)) return withheld;
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "function" || typeof value === "symbol") return `[${typeof value}]`;
  if (typeof value !== "object") return value;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "[no date]" : value.toISOString();
  if (depth >= maximumDepth) return "[deeper]";
  if (value instanceof Error) return presentableError(value, depth);
  if (Array.isArray(value)) return value.slice(0, maximumEntries).map((entry) => presentable(entry, "", depth + 1));
  if (value instanceof Map || value instanceof Set) return `[${value.size} entries]`;
  const entries = Object.entries(value).slice(0, maximumEntries);
  return Object.fromEntries(entries.map(([key, inner]) => [key, presentable(inner, key, depth + 1)]));
}

function presentableError(error: Error, depth: number): Record<string, unknown> {
  const code: unknown = "code" in error ? error.code : undefined;
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === "string" || typeof code === "number" ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause === undefined ? {} : { cause: presentable(error.cause, "cause", depth + 1) }),
  };
}
