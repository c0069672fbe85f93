import { readFileSync } from "node:fs";
import { test } from "tap";
import { type Reference, referencesOf, type SourceFile, sourceFiles } from "./support/source-files.js";

/**
 * Which parts of the project each part may import, beside itself. Dependencies point one way: a part stands below all
 * that it may import, and docs/architecture.md draws the picture.
 */
const domain = ["protocol", "src/secrecy", "src/siblings", "certs", "storage", "src/objects"];
const services = [...domain, "src/crypto", "src/access", "src/audit"];
const operations = [...services, "src/inventory"];
const pipeline = [...operations, "src/operations"];
const doors = [...pipeline, "src/pipeline", "src/jobs"];
const allowedImports: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  "src/secrecy": [],
  certs: ["protocol", "src/secrecy"],
  storage: ["protocol"],
  "src/siblings": [],
  "src/objects": ["protocol"],
  "src/crypto": domain,
  "src/access": domain,
  "src/audit": domain,
  "src/inventory": services,
  "src/operations": operations,
  "src/pipeline": pipeline,
  "src/jobs": pipeline,
  "src/net": doors,
  "src/kmip-client": ["protocol", "src/net"],
  "src/doctor": ["protocol", "certs", "src/net", "src/kmip-client"],
  "src/administration": [...operations, "src/net"],
  "src/task-service": [...doors, "src/administration"],
  "src/kmip-service": [...doors, "src/net", "src/administration", "src/task-service"],
  "src/admin-service": [...doors, "src/net", "src/administration", "src/admin"],
  "src/admin": [...doors, "src/administration"],
  "src/cli": [
    ...doors,
    "src/kmip-client",
    "src/doctor",
    "src/administration",
    "src/admin",
    "src/main",
    "src/task-service",
  ],
  "src/config": [],
  "src/telemetry": [],
};

/** Parts that reach others as values: of these every part of src may import types, and only what starts a program more. */
const passedIn = ["src/config", "src/telemetry"];

/** Parts that start a program, and so read the configuration and make the log. */
const starters = ["src/main", "src/cli"];

/** Parts that see everything: the composition of the server and what tests it. */
const unrestricted = ["src/main", "test", "conformance"];

/** Parts that only tests may import. */
const forTests = ["test", "conformance"];

/** Third-party packages and the only places that may import them. */
const gatekeepers: Readonly<Record<string, readonly string[]>> = {
  knex: ["storage/"],
  pg: ["storage/"],
  "better-sqlite3": ["storage/"],
  sqlite3: ["storage/"],
  pkcs11js: ["src/crypto/pkcs11/"],
  "node-forge": ["certs/"],
  "buffer-layout": ["protocol/ttlv/"],
  saxes: ["protocol/encodings/", "conformance/"],
  pino: ["src/telemetry/"],
  "prom-client": ["src/telemetry/"],
  yaml: ["src/config/"],
  zod: ["src/access/", "src/config/", "src/admin/"],
  fastify: ["src/admin/"],
  "@fastify/swagger": ["src/admin/"],
  "@fastify/ajv-compiler": ["src/admin/"],
  "@fastify/fast-json-stringify-compiler": ["src/admin/"],
  commander: ["src/cli/"],
  "cli-table3": ["src/cli/"],
  "lru-cache": ["storage/", "src/"],
};

/** What the wire layer may take from Node.js: it does no input or output and knows no clock. */
const purePart = { part: "protocol", modules: ["node:buffer"] };

const files = sourceFiles();
const references = files.flatMap((file) => referencesOf(file).map((reference) => ({ file, reference })));
const isTest = (file: SourceFile) => forTests.includes(partOf(file.path));

// src/pipeline.ts belongs to the part src/pipeline, src/main.ts is one of its own.
function partOf(path: string): string {
  const [top = "", second = ""] = path.split("/");
  return top === "src" ? `src/${second.replace(/\.ts$/, "")}` : top;
}

function place(file: SourceFile, reference: Reference): string {
  return `${file.path}:${reference.line} imports ${reference.specifier}`;
}

function mayImport(from: string, reference: Reference): boolean {
  const to = partOf(reference.target);
  if (from === to || unrestricted.includes(from)) return true;
  if (passedIn.includes(to)) return from.startsWith("src/") && (reference.typeOnly || starters.includes(from));
  return allowedImports[from]?.includes(to) ?? false;
}

test("every part of the project stands in the table of directions", async (t) => {
  const parts = new Set(files.map(({ path }) => partOf(path)));
  const unknown = [...parts].filter((part) => !(part in allowedImports) && !unrestricted.includes(part));
  t.same(unknown, [], "add a new part to allowedImports and to docs/architecture.md");
});

test("imports point one way", async (t) => {
  const wrong = references
    .filter(({ file, reference }) => reference.kind === "own" && !mayImport(partOf(file.path), reference))
    .map(({ file, reference }) => place(file, reference));
  t.same(wrong, [], "each line names an import against the direction of test/directions.test.ts");
});

test("nothing but tests imports tests or the conformance suite", async (t) => {
  const wrong = references
    .filter(
      ({ file, reference }) => reference.kind === "own" && !isTest(file) && forTests.includes(partOf(reference.target)),
    )
    .map(({ file, reference }) => place(file, reference));
  t.same(wrong, []);
});

test("a package is imported only where its gatekeeper stands", async (t) => {
  const wrong = references
    .filter(({ file, reference }) => {
      const places = gatekeepers[reference.target];
      if (reference.kind !== "package" || isTest(file) || places === undefined) return false;
      return !places.some((prefix) => file.path.startsWith(prefix));
    })
    .map(({ file, reference }) => place(file, reference));
  t.same(wrong, [], "each line names an import outside the places of test/directions.test.ts");
});

test("every package that the server imports is one of its dependencies and has its gatekeeper", async (t) => {
  const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(readFileSync("package.json", "utf8"));
  const imported = references.filter(({ file, reference }) => reference.kind === "package" && !isTest(file));
  const wrong = imported
    .filter(({ reference }) => !(reference.target in dependencies) || !(reference.target in gatekeepers))
    .map(({ file, reference }) => place(file, reference));
  t.same(wrong, []);
  t.same(
    Object.keys(dependencies).filter((name) => !(name in gatekeepers)),
    [],
    "a dependency without a gatekeeper",
  );
});

test("the wire layer is pure", async (t) => {
  const wrong = references
    .filter(({ file, reference }) => partOf(file.path) === purePart.part && reference.kind === "node")
    .filter(({ reference }) => !purePart.modules.includes(reference.target))
    .map(({ file, reference }) => place(file, reference));
  t.same(wrong, []);
});

test("keys are read out of bytes and certificates in one place, which refuses those that end the process", async (t) => {
  const reading = /\bcreate(Public|Private)Key\b|ertificate(\([^)]*\))?\.publicKey\b/;
  const wrong = files.filter((file) => !isTest(file) && reading.test(file.text)).map(({ path }) => path);
  t.same(wrong, ["certs/key-reading.ts"]);
});

test("nobody asks node:crypto for extended key usages, over which it reads behind its memory", async (t) => {
  const asking = /\b(certificate|x509|read|peer)\.keyUsage\b|getPeerCertificate|toLegacyObject/;
  const wrong = files.filter((file) => !isTest(file) && asking.test(file.text)).map(({ path }) => path);
  t.same(wrong, []);
});

test("the certificate of a client is asked of node:tls only where its whole chain is needed, which Node.js leaks", async (t) => {
  const wrong = files.filter((file) => !isTest(file) && file.text.includes("socket.getPeerX509Certificate("));
  t.same(
    wrong.map(({ path }) => path),
    ["src/doctor/handshake.ts", "src/net/admission.ts"],
  );
});

test("every import of our own names a file that is there", async (t) => {
  const paths = new Set(files.map(({ path }) => path));
  const wrong = references
    .filter(({ reference }) => reference.kind === "own" && !paths.has(reference.target))
    .map(({ file, reference }) => place(file, reference));
  t.same(wrong, []);
});

test("no import leaves its top folder by a relative path", async (t) => {
  const top = (path: string) => path.split("/", 1)[0];
  const wrong = references
    .filter(({ file, reference }) => reference.specifier.startsWith(".") && top(file.path) !== top(reference.target))
    .map(({ file, reference }) => place(file, reference));
  t.same(wrong, [], "use #protocol/…, #src/… and the like");
});

test("no file imports itself by way of others", async (t) => {
  const graph = new Map<string, string[]>(files.map(({ path }) => [path, []]));
  for (const { file, reference } of references) {
    if (reference.kind === "own" && !reference.typeOnly) graph.get(file.path)?.push(reference.target);
  }
  t.same(cyclesOf(graph), []);
});

/** The first cycle found from each file that starts one, as `a → b → a`. */
function cyclesOf(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const cycles: string[] = [];
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) cycles.push([...trail.slice(start), path].join(" → "));
    if (start >= 0 || done.has(path)) return;
    for (const next of graph.get(path) ?? []) walk(next, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) walk(path, []);
  return cycles;
}
