import { type AnyNode, type Node, type Program, parse } from "acorn";

/** Source with a counter at every place where the way through it parts. */
export interface Instrumented {
  readonly code: string;
  /** How many counters it has. */
  readonly places: number;
}

/** Text to put in, at an offset of the source. */
interface Insertion {
  readonly at: number;
  readonly text: string;
  /** Insertions at one offset stand in the order of their rank: what closes comes before what opens. */
  readonly rank: number;
}

const closing = 0;
const opening = 1;

/** What a module calls its counters; nothing else is called so. */
export const counters = "__reached";

class Instrumenter {
  readonly insertions: Insertion[] = [];
  places = 0;

  statement(node: AnyNode | null | undefined): void {
    if (node === null || node === undefined) return;
    if (node.type === "BlockStatement") {
      this.insert(node.start + 1, `${this.counter()};`, opening);
      return;
    }
    this.insert(node.start, `{${this.counter()};`, opening);
    this.insert(node.end, "}", closing);
  }

  expression(node: AnyNode): void {
    this.insert(node.start, `(${this.counter()},`, opening);
    this.insert(node.end, ")", closing);
  }

  visit(node: AnyNode): void {
    switch (node.type) {
      case "FunctionDeclaration":
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        if (node.body.type === "BlockStatement") this.statement(node.body);
        else this.expression(node.body);
        break;
      case "IfStatement":
        // What is put in first stands outermost.
        if (node.alternate) this.statement(node.alternate);
        else this.insert(node.end, `else{${this.counter()}}`, closing);
        this.statement(node.consequent);
        break;
      case "ForStatement":
      case "ForInStatement":
      case "ForOfStatement":
      case "WhileStatement":
      case "DoWhileStatement":
        this.statement(node.body);
        break;
      case "ConditionalExpression":
        this.expression(node.consequent);
        this.expression(node.alternate);
        break;
      case "LogicalExpression":
        this.expression(node.right);
        break;
      case "CatchClause":
        this.statement(node.body);
        break;
      case "SwitchCase": {
        const [first] = node.consequent;
        if (first !== undefined) this.insert(first.start, `${this.counter()};`, opening);
        break;
      }
      default:
    }
    for (const child of childrenOf(node)) this.visit(child);
  }

  private counter(): string {
    const place = this.places;
    this.places += 1;
    return `${counters}[${place}]++`;
  }

  private insert(at: number, text: string, rank: number): void {
    this.insertions.push({ at, text, rank });
  }
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && typeof (value as Partial<Node>).type === "string";
}

function childrenOf(node: AnyNode): readonly AnyNode[] {
  return Object.values(node).flatMap((value: unknown) => (Array.isArray(value) ? value : [value]).filter(isNode));
}

/** Puts the texts in. Of those that close at one place the innermost comes first, of those that open the outermost. */
function withInsertions(source: string, insertions: readonly Insertion[]): string {
  const ordered = insertions
    .map((insertion, index) => ({ ...insertion, index }))
    .sort(
      (one, other) =>
        one.at - other.at ||
        one.rank - other.rank ||
        (one.rank === closing ? other.index - one.index : one.index - other.index),
    );
  const parts: string[] = [];
  let from = 0;
  for (const { at, text } of ordered) {
    parts.push(source.slice(from, at), text);
    from = at;
  }
  return parts.join("") + source.slice(from);
}

/**
 * Instruments an ECMAScript module. Lines stay where they are, so that stacks tell the truth.
 *
 * @param countersModule what the module imports its counters from.
 */
export function instrument(source: string, countersModule: string): Instrumented {
  const program: Program = parse(source, { ecmaVersion: "latest", sourceType: "module" });
  const instrumenter = new Instrumenter();
  for (const node of program.body) instrumenter.visit(node);
  const { places, insertions } = instrumenter;
  const head = `import{region as __region}from${JSON.stringify(countersModule)};const ${counters}=__region(${places});`;
  return { code: head + withInsertions(source, insertions), places };
}
