import * as z from "zod";
import { databaseUrlVariable, isTree, type Tree, variables } from "./environment.js";
import { configurationSchema } from "./schema.js";

interface Row {
  readonly key: string;
  readonly values: string;
  readonly fallback: string;
  readonly meaning: string;
}

const introduction = `# Configuration

<!-- Generated from src/config/schema.ts by \`npm run docs\`; edit the schema, not this page. -->

Keyreeve runs without a configuration file: every key has a default. Where you want something else, write a YAML file;
\`$KEYREEVE_HOME/keyreeve.yaml\` is read by itself, any other with \`--config FILE\` or \`KEYREEVE_CONFIG\`. Environment
variables override the file. Keys that do not exist are errors, and all problems are reported at once. Relative paths
start at \`$KEYREEVE_HOME\`.

\`\`\`yaml
server:
  names: [keys.example.com, 10.0.0.5]
kmip:
  tls:
    profile: modern
database:
  client: pg
  host: db1.example.com,db2.example.com
  passwordFile: /run/secrets/keyreeve-database
  certificateAuthoritiesFile: /etc/ssl/db-ca.pem
\`\`\`
`;

/** The reference of all keys and environment variables, as Markdown. */
export function configurationReference(): string {
  const schema: unknown = z.toJSONSchema(configurationSchema, { io: "input" });
  const sections = Object.entries(branch(schema, "properties")).map(([name, section]) => {
    const rows = rowsOf(name, section).map(
      ({ key, values, fallback, meaning }) => `| \`${key}\` | ${values} | ${fallback} | ${meaning} |`,
    );
    const head = ["| Key | Value | Default | Meaning |", "| --- | --- | --- | --- |"];
    return [`## ${name}`, "", text(section, "description"), "", ...head, ...rows, ""].join("\n");
  });
  return [introduction, ...sections, environmentReference()].join("\n");
}

function environmentReference(): string {
  const sources = [
    ["KEYREEVE_HOME", "the data directory (default `./keyreeve-data`)"],
    ["KEYREEVE_CONFIG", "the configuration file"],
    [
      databaseUrlVariable,
      "`database` as `postgres://user:password@host:port/database`; with several hosts `…@host1:port,host2:port/…`",
    ],
  ];
  const overrides = variables.map(({ name, path, reading }) => [
    name,
    `\`${path.join(".")}${reading === "file" ? ".file" : ""}\`${reading === "list" ? ", separated by commas" : ""}`,
  ]);
  const rows = [...sources, ...overrides].map(([name, meaning]) => `| \`${name}\` | ${meaning} |`);
  return ["## Environment", "", "| Variable | Sets |", "| --- | --- |", ...rows, ""].join("\n");
}

function rowsOf(path: string, schema: unknown): Row[] {
  const alternatives = isTree(schema) ? schema["oneOf"] : undefined;
  const forms: readonly unknown[] = Array.isArray(alternatives) ? alternatives : [schema];
  const rows = new Map<string, Row>();
  for (const form of forms) {
    const inherited = branch(form, "default");
    for (const [name, value] of Object.entries(branch(form, "properties"))) {
      for (const row of rowsOfKey(`${path}.${name}`, value, inherited[name]))
        rows.set(row.key, merge(rows.get(row.key), row));
    }
  }
  return [...rows.values()];
}

function merge(first: Row | undefined, second: Row): Row {
  if (first === undefined || first.values === second.values) return first ?? second;
  return { ...first, values: `${first.values}, ${second.values}` };
}

function rowsOfKey(key: string, schema: unknown, inherited: unknown): Row[] {
  if (isTree(schema) && isTree(schema["properties"])) return rowsOf(key, schema);
  const fallback = defaultOf(isTree(schema) ? (schema["default"] ?? inherited) : inherited);
  const row = { key, values: valuesOf(schema), fallback, meaning: text(schema, "description") };
  const elements = isTree(schema) ? schema["items"] : undefined;
  return isTree(elements) && isTree(elements["properties"]) ? [row, ...rowsOf(`${key}[]`, elements)] : [row];
}

function valuesOf(schema: unknown): string {
  const { type, enum: choices, const: choice, minimum, maximum } = isTree(schema) ? schema : {};
  if (choice !== undefined) return `\`${choice}\``;
  if (Array.isArray(choices)) return choices.map((name) => `\`${name}\``).join(", ");
  if (type === "integer") return `${minimum} to ${maximum}`;
  return type === "array" ? "list" : "text";
}

function defaultOf(fallback: unknown): string {
  if (fallback === undefined) return "none";
  return Array.isArray(fallback) && fallback.length === 0 ? "empty" : `\`${String(fallback)}\``;
}

function branch(tree: unknown, key: string): Tree {
  const value = isTree(tree) ? tree[key] : undefined;
  return isTree(value) ? value : {};
}

function text(schema: unknown, key: string): string {
  const value = isTree(schema) ? schema[key] : undefined;
  return typeof value === "string" ? value.replaceAll("|", "\\|") : "";
}
