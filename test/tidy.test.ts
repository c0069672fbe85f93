import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path/posix";
import { test } from "tap";
import ts from "typescript";
import { comparesSecrets } from "./support/secret-comparisons.js";
import { lineOf, projectFiles, referencesOf, type SourceFile, sourceFiles, visit } from "./support/source-files.js";

const maximumFileLines = 300;
/** A test file may keep the cases of one subject together, with what sets them up. */
const maximumTestLines = 400;
const maximumFunctionLines = 60;

/** Files that may be longer, each with its reason. */
const longFiles: Readonly<Record<string, string>> = {
  "storage/types.ts": "the rows of all tables and the repositories over them, one interface each",
};

/** Functions that may be longer, as `file:name`, each with its reason. */
const longFunctions: Readonly<Record<string, string>> = {};

/** Where the programs of the project start; what they do not reach is dead. */
const entryPoints: Readonly<Record<string, string>> = {
  "src/main.ts": "composes the server",
  "src/cli/keyreeve.ts": "started by scripts/keyreeve.mjs",
  "src/cli/reference.ts": "scripts/docs.mjs",
  "src/access/profiles-reference.ts": "scripts/docs.mjs",
  "src/audit/events/reference.ts": "scripts/docs.mjs",
  "src/config/reference.ts": "scripts/docs.mjs",
  "src/kmip-service/faults-reference.ts": "scripts/docs.mjs",
  "src/objects/reference.ts": "scripts/docs.mjs",
  "src/operations/reference.ts": "scripts/docs.mjs",
  "src/telemetry/reference.ts": "scripts/docs.mjs",
  "conformance/main.ts": "started by src/cli/commands/conformance.ts and scripts/conformance.sh",
  "conformance/replay.ts": "started by src/cli/commands/replay.ts",
  "conformance/server-process.ts": "started by conformance/own-server.ts",
  "conformance/interop/main.ts": "started by scripts/interop.sh",
};

/** Files that no program uses yet, though tests do, each with what it waits for. */
const waiting: Readonly<Record<string, string>> = {
  "certs/revocation-list.ts": "the publishing of revocation lists for relying parties other than this server",
};

/** Names that hide what a folder or file is about. */
const vagueNames = ["util", "utils", "helper", "helpers", "misc", "common", "shared", "lib", "stuff", "tools"];

/** Private abbreviations that have a full word in the standards or in English. */
const abbreviations = [
  "ops",
  "mgr",
  "svc",
  "cfg",
  "conf",
  "impl",
  "proto",
  "msg",
  "req",
  "res",
  "ctx",
  "attr",
  "cert",
  "enc",
];

/** Calls and forms that no file may have, each with what to do instead. */
const banned: readonly {
  readonly what: string;
  readonly instead: string;
  readonly test: Rule;
  readonly where?: RegExp;
}[] = [
  {
    what: "Math.random",
    instead: "node:crypto, or a seeded fast-check arbitrary in tests",
    test: accesses("Math", "random"),
  },
  { what: "console", instead: "the log, or process.stdout.write in the command line", test: accesses("console") },
  { what: "Buffer.allocUnsafe", instead: "Buffer.alloc", test: accesses("Buffer", "allocUnsafe", "allocUnsafeSlow") },
  {
    what: "timingSafeEqual",
    instead: "sameSecret, which looks at the lengths first",
    test: (node) => ts.isIdentifier(node) && node.text === "timingSafeEqual",
    where: /^(?!src\/secrecy\/same-secret\.ts$)/,
  },
  {
    what: "a comparison of secrets that ends where they differ",
    instead: "sameSecret of src/secrecy/same-secret.ts",
    test: comparesSecrets,
    where: /^(?!test\/|conformance\/|src\/crypto\/pkcs11\/worker\/probe\/)/,
  },
  { what: "the type any", instead: "unknown, and a check", test: (node) => node.kind === ts.SyntaxKind.AnyKeyword },
  { what: "a default export", instead: "a named export", test: isDefaultExport },
  { what: "a non-null assertion", instead: "a check, or a type that cannot be null", test: ts.isNonNullExpression },
  { what: "eval", instead: "code", test: isEvaluation },
  { what: "an empty catch", instead: "handling, or a comment that says why nothing is to be done", test: isEmptyCatch },
  {
    what: "process.exit",
    instead: "process.exitCode, or an error that reaches the entry point",
    test: accesses("process", "exit"),
    where: /^(?!src\/cli\/|src\/main\.ts|src\/main\/child-process\.ts|src\/crypto\/pkcs11\/worker)/,
  },
];

type Rule = (node: ts.Node, file: SourceFile) => boolean;

function accesses(object: string, ...properties: readonly string[]): Rule {
  return (node) =>
    ts.isPropertyAccessExpression(node) &&
    ts.isIdentifier(node.expression) &&
    node.expression.text === object &&
    (properties.length === 0 || properties.includes(node.name.text));
}

function isDefaultExport(node: ts.Node): boolean {
  if (ts.isExportAssignment(node)) return true;
  return (
    ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)
  );
}

function isEvaluation(node: ts.Node): boolean {
  if (ts.isCallExpression(node)) return ts.isIdentifier(node.expression) && node.expression.text === "eval";
  return ts.isNewExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "Function";
}

function isEmptyCatch(node: ts.Node, file: SourceFile): boolean {
  return (
    ts.isCatchClause(node) && node.block.statements.length === 0 && !/\/[/*]/.test(node.block.getText(file.syntax))
  );
}

// A function that declares several tests is as long as they are together; each of them is measured by itself.
function isGroupOfTests(node: ts.Node): boolean {
  let tests = 0;
  visit(node, (inner) => {
    if (ts.isCallExpression(inner) && /^(\w+\.)?test$/.test(inner.expression.getText())) tests += 1;
  });
  return tests > 1;
}

const files = sourceFiles();
const isTest = ({ path }: SourceFile) => path.startsWith("test/");

test(`files have at most ${maximumFileLines} lines, those of tests ${maximumTestLines}`, async (t) => {
  const tooLong = files
    .map((file) => ({ path: file.path, lines: file.text.trimEnd().split("\n").length }))
    .filter(({ path, lines }) => lines > (path.startsWith("test/") ? maximumTestLines : maximumFileLines));
  const unexpected = tooLong
    .filter(({ path }) => !(path in longFiles))
    .map(({ path, lines }) => `${path}: ${lines} lines`);
  t.same(unexpected, [], "split the file, or list it with a reason in longFiles of test/tidy.test.ts");
});

test(`functions have at most ${maximumFunctionLines} lines`, async (t) => {
  const tooLong: string[] = [];
  for (const file of files) {
    visit(file.syntax, (node) => {
      if (!ts.isFunctionLike(node) || !("body" in node) || node.body === undefined || isGroupOfTests(node)) return;
      const { line: end } = file.syntax.getLineAndCharacterOfPosition(node.end);
      const lines = end - lineOf(file, node) + 2;
      const name = node.name?.getText(file.syntax) ?? "(anonymous)";
      if (lines > maximumFunctionLines && !(`${file.path}:${name}` in longFunctions)) {
        tooLong.push(`${file.path}:${lineOf(file, node)} ${name}: ${lines} lines`);
      }
    });
  }
  t.same(tooLong, [], "divide the function, or list it with a reason in longFunctions of test/tidy.test.ts");
});

for (const { what, instead, test: rule, where } of banned) {
  test(`no file has ${what}`, async (t) => {
    const found: string[] = [];
    for (const file of files) {
      if (where?.test(file.path) === false) continue;
      visit(file.syntax, (node) => {
        if (rule(node, file)) found.push(`${file.path}:${lineOf(file, node)}`);
      });
    }
    t.same(found, [], `instead: ${instead}`);
  });
}

test("the compiler and the linter are not silenced without a reason", async (t) => {
  const found = files.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, index) => {
      const silenced = /^\s*\/\/ @ts-(ignore|nocheck)/.test(line) || /biome-ignore(?!.*: \S+ \S+)/.test(line);
      return silenced && path !== "test/tidy.test.ts" ? [`${path}:${index + 1}`] : [];
    }),
  );
  t.same(found, []);
});

const textual = projectFiles().filter(
  (path) => /\.(ts|mjs|sh|md|ya?ml|json|py)$/.test(path) && path !== "package-lock.json",
);
const texts = textual.map((path) => ({ path, text: readFileSync(path, "utf8") }));

test("work that is left to do names its issue", async (t) => {
  const found = texts
    .filter(({ path }) => /\.(ts|mjs|sh|py)$/.test(path) && path !== "test/tidy.test.ts")
    .flatMap(({ path, text }) =>
      text
        .split("\n")
        .flatMap((line, index) =>
          /(\/\/|^\s*\*|^\s*#)\s*(TODO|FIXME|XXX|HACK)\b(?!.*#\d+)/.test(line) ? [`${path}:${index + 1}`] : [],
        ),
    );
  t.same(found, [], "write TODO (#12): …, or do it");
});

test("no secret lies in the tree", async (t) => {
  const secrets = [
    /-----BEGIN [A-Z ]*PRIVATE KEY-----\s+(?:[A-Za-z0-9+/=]{60,}\s+)+-----END/,
    /\bAKIA[0-9A-Z]{16}\b/,
    /\bgh[pousr]_[A-Za-z0-9]{36,}\b/,
    /\b(?:npm|glpat)[_-][A-Za-z0-9_-]{36,}\b/,
  ];
  const found = texts
    .filter(({ path }) => !/^(test|conformance)\/(.*\/)?data\//.test(path))
    .filter(({ text }) => secrets.some((secret) => secret.test(text)))
    .map(({ path }) => path);
  t.same(found, [], "keys for tests are made by the test or stand in a folder data/ of test/ or conformance/");
});

test("no file is dead", async (t) => {
  const graph = new Map(files.map((file) => [file.path, referencesOf(file).map(({ target }) => target)]));
  const reached = reachedFrom(graph, Object.keys(entryPoints));
  const unused = files.filter((file) => !isTest(file) && !reached.has(file.path)).map(({ path }) => path);
  t.same(
    unused.filter((path) => !(path in waiting)),
    [],
    "no program reaches these files; tests do not count. Use or remove them, or list them in test/tidy.test.ts",
  );
  t.same(
    Object.keys(waiting).filter((path) => !unused.includes(path)),
    [],
    "these files are used or gone: take them off the list of those that wait",
  );
});

function reachedFrom(graph: ReadonlyMap<string, readonly string[]>, starts: readonly string[]): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [...starts];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    open.push(...(graph.get(path) ?? []));
  }
  return reached;
}

test("folders and files say what they are about, in full words", async (t) => {
  const names = files.flatMap(({ path }) => [
    ...dirname(path).split("/"),
    basename(path).replace(/(\.test)?\.ts$/, ""),
  ]);
  const found = [...new Set(names)].filter((name) =>
    name.split(/[-.]/).some((word) => vagueNames.includes(word) || abbreviations.includes(word)),
  );
  t.same(found, []);
});

test("names of files and folders are in lower case with hyphens", async (t) => {
  const odd = files.map(({ path }) => path).filter((path) => !/^[a-z0-9.-]+(\/[a-z0-9.-]+)*$/.test(path));
  t.same(odd, []);
});

test("every exception of this test is still needed", async (t) => {
  const lines = new Map(files.map(({ path, text }) => [path, text.trimEnd().split("\n").length]));
  for (const path of Object.keys(longFiles)) {
    t.ok((lines.get(path) ?? 0) > maximumFileLines, `${path} is longer than ${maximumFileLines} lines`);
  }
});
