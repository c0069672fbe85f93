interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly minLength?: number;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

/** The parts of an OpenAPI document that requests are made from. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** Values that there are in a new installation, by the name of what holds them. */
const known: Readonly<Record<string, unknown>> = {
  tenant: "demo",
  client: "demo-client",
  name: "demo-client",
  to: "token",
};

/** Deeper than any body. */
const mostDepth = 8;

/** A request of each route, once with all that its body may hold, as text: method and path, then the body. */
export function sampleRequests({ paths, components }: ApiDocument): readonly Buffer[] {
  const sample = (schema: Schema, name: string, depth = 0): unknown => {
    if (depth > mostDepth) return null;
    const alternatives = schema.anyOf ?? schema.oneOf;
    if (alternatives?.[0] !== undefined) return sample(alternatives[0], name, depth + 1);
    if (schema.$ref !== undefined) {
      const target = components.schemas[schema.$ref.split("/").at(-1) ?? ""];
      return target === undefined ? null : sample(target, name, depth + 1);
    }
    if (schema.enum !== undefined) return schema.enum[0];
    if (schema.properties !== undefined) {
      const entries = Object.entries(schema.properties);
      return Object.fromEntries(entries.map(([key, value]) => [key, sample(value, key, depth + 1)]));
    }
    if (schema.items !== undefined) return [sample(schema.items, name, depth + 1)];
    if (schema.type === "integer" || schema.type === "number") return schema.minimum ?? 1;
    if (schema.type === "boolean") return true;
    return known[name] ?? "a sample text".padEnd(schema.minLength ?? 0, "x");
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => {
      const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(known[name] ?? "nobody"));
      const query = parameters.filter((parameter) => parameter.in === "query");
      const asked = query.map(({ name, schema }) => `${name}=${encodeURIComponent(String(sample(schema, name)))}`);
      const line = `${method.toUpperCase()} ${filled}${asked.length === 0 ? "" : `?${asked.join("&")}`}`;
      const content = Object.values(requestBody?.content ?? {})[0];
      const body = content === undefined ? "" : JSON.stringify(sample(content.schema, "body"), null, 1);
      return Buffer.from(`${line}\n${body}`);
    }),
  );
}
