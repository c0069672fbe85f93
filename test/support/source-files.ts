import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import ts from "typescript";

/** Folders that hold no source of ours. */
const elsewhere = new Set(["node_modules", "build", ".git", ".tap", "keyreeve-data", "coverage"]);

/** One TypeScript file of the project. */
export interface SourceFile {
  /** From the project's folder, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly syntax: ts.SourceFile;
}

/** One module that a file names: in an import, an export or a URL of a worker. */
export interface Reference {
  /** The file's path from the project's folder, ending in .ts; or the name of the package or of the Node.js module. */
  readonly target: string;
  readonly kind: "own" | "package" | "node";
  /** Whether nothing of it remains after compiling. */
  readonly typeOnly: boolean;
  /** Counted from 1. */
  readonly line: number;
  /** As it stands in the file. */
  readonly specifier: string;
}

/** All files of the project, of every kind; paths from its folder. */
export function projectFiles(folder = ""): string[] {
  return readdirSync(folder === "" ? "." : folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return elsewhere.has(entry.name) ? [] : projectFiles(path);
    return entry.isFile() ? [path] : [];
  });
}

/** All TypeScript files of the project with their syntax trees, declarations of foreign modules aside. */
export function sourceFiles(): SourceFile[] {
  return projectFiles()
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"))
    .map((path) => {
      const text = readFileSync(path, "utf8");
      let syntax: ts.SourceFile | undefined;
      return {
        path,
        text,
        // Parsing takes seconds for the whole project, and not every test looks at the trees.
        get syntax() {
          syntax ??= ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
          return syntax;
        },
      };
    });
}

/** Calls back for a node and everything below it, in the order of the text. */
export function visit(node: ts.Node, callback: (node: ts.Node) => void): void {
  callback(node);
  ts.forEachChild(node, (child) => visit(child, callback));
}

/** The line a node starts on, counted from 1. */
export function lineOf(file: SourceFile, node: ts.Node): number {
  return file.syntax.getLineAndCharacterOfPosition(node.getStart(file.syntax)).line + 1;
}

/** What a file names in its imports, exports, dynamic imports and `new URL("./…", import.meta.url)`. */
export function referencesOf(file: SourceFile): Reference[] {
  const references: Reference[] = [];
  visit(file.syntax, (node) => {
    const found = specifierOf(node);
    if (found === undefined) return;
    references.push({ ...resolveSpecifier(file.path, found.specifier), ...found, line: lineOf(file, node) });
  });
  return references;
}

function specifierOf(node: ts.Node): { specifier: string; typeOnly: boolean } | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    return { specifier: node.moduleSpecifier.text, typeOnly: isTypeOnly(node.importClause) };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined && ts.isStringLiteral(node.moduleSpecifier)) {
    return { specifier: node.moduleSpecifier.text, typeOnly: node.isTypeOnly };
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
    return { specifier: node.argument.literal.text, typeOnly: true };
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return literalOf(node.arguments[0]);
  }
  if (ts.isNewExpression(node) && node.expression.getText() === "URL" && node.arguments?.length === 2) {
    const literal = literalOf(node.arguments[0]);
    return literal?.specifier.endsWith(".js") === true ? literal : undefined;
  }
  return undefined;
}

function literalOf(node: ts.Node | undefined): { specifier: string; typeOnly: boolean } | undefined {
  return node !== undefined && ts.isStringLiteral(node) ? { specifier: node.text, typeOnly: false } : undefined;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const names = clause.namedBindings;
  if (clause.name !== undefined || names === undefined || !ts.isNamedImports(names)) return false;
  return names.elements.length > 0 && names.elements.every((element) => element.isTypeOnly);
}

function resolveSpecifier(from: string, specifier: string): Pick<Reference, "target" | "kind"> {
  if (specifier.startsWith("node:")) return { target: specifier, kind: "node" };
  const own = specifier.startsWith("#") ? specifier.slice(1) : undefined;
  if (own !== undefined) return { target: own.replace(/\.js$/, ".ts"), kind: "own" };
  if (specifier.startsWith(".")) return { target: join(dirname(from), specifier).replace(/\.js$/, ".ts"), kind: "own" };
  const parts = specifier.split("/");
  return { target: parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/"), kind: "package" };
}
