/** A JSON Schema. */
export type Schema = Readonly<Record<string, unknown>>;

/** A schema for every property of a type: the compiler finds one that is missing or too many. */
export type Properties<T> = { readonly [Name in keyof T]-?: Schema };

type OptionalName<T> = { [Name in keyof T]-?: undefined extends T[Name] ? Name : never }[keyof T];

/** The schema of a type. Names in `optional` may be absent, all others must be there, and no others are taken. */
export function object<T>(name: string, properties: Properties<T>, optional: readonly OptionalName<T>[] = []): Schema {
  const skipped = new Set<string>(optional.map(String));
  const required = Object.keys(properties).filter((property) => !skipped.has(property));
  return { $id: name, type: "object", additionalProperties: false, required, properties };
}

/** Text, with what it means and its bounds. */
export const text = (description?: string, limits: Schema = {}): Schema => ({
  type: "string",
  ...(description === undefined ? {} : { description }),
  ...limits,
});
/** One of some words. */
export const choice = (...names: readonly string[]): Schema => ({ type: "string", enum: names });
/** A whole number from 0. */
export const count = (description?: string): Schema => ({
  type: "integer",
  minimum: 0,
  ...(description === undefined ? {} : { description }),
});
/** True or false. */
export const flag: Schema = { type: "boolean" };
/** A time. */
export const time = text("ISO 8601, UTC", { format: "date-time" });
/** The same, or null. */
export const orNull = (schema: Schema): Schema => ({ ...schema, nullable: true });
/** A list. */
export const list = (items: Schema): Schema => ({ type: "array", items });
/** A hash. */
export const hash = text("SHA-256, 64 hexadecimal digits", { pattern: "^[0-9a-f]{64}$" });

/** A reference to one of the shared schemas. */
export const named = (name: string): Schema => ({ $ref: `${name}#` });
/** A list of what one of the shared schemas describes. */
export const listOf = (name: string): Schema => list(named(name));

/** What names may be: the server says more exactly what is wrong with one, this only bounds them. */
export const name = text(undefined, { minLength: 1, maxLength: 63 });

/** The parameters of a path, each a name. */
export const namesInPath = (...parameters: readonly string[]): Schema => ({
  type: "object",
  required: parameters,
  properties: Object.fromEntries(parameters.map((parameter) => [parameter, name])),
});
