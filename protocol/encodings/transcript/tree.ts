import { Tag, tagLabel } from "../../tags.js";
import { type Item, ItemType } from "../../ttlv/item.js";
import type { TtlvLimits } from "../../ttlv/limits.js";
import { attributeNameAmong } from "../attribute-context.js";
import { Budget } from "../budget.js";
import { EncodingError } from "../error.js";
import { tagFrom, typeFrom, typeName } from "../names.js";
import { TranscriptError } from "./error.js";
import type { TranscriptItem } from "./step.js";
import { impliedType, valueFrom, valueText } from "./values.js";

/** One line of a text. */
export interface TextLine {
  /** Counted from 1. */
  readonly number: number;
  readonly text: string;
}

const indent = "  ";

function lineOf(each: TranscriptItem, depth: number, attributeName: string | undefined): string {
  const { item, standIn } = each;
  const start = `${indent.repeat(depth + 1)}${tagLabel(item.tag)}`;
  if (item.type === ItemType.Structure && standIn === undefined) return start;
  const text = valueText(each, attributeName);
  const isImplied = impliedType(item.tag, attributeName, text) === item.type;
  return `${start}${isImplied ? "" : ` (${typeName(item.type)})`}: ${text}`;
}

/** The lines of a message, indented once more than the step it stands in. */
export function treeLines(message: TranscriptItem): readonly string[] {
  const lines: string[] = [];
  const write = (each: TranscriptItem, depth: number, attributeName: string | undefined): void => {
    lines.push(lineOf(each, depth, attributeName));
    const nameHere = nameAmong(each.children);
    for (const child of each.children) write(child, depth + 1, nameHere);
  };
  write(message, 0, undefined);
  return lines;
}

/** The Attribute Name that decides what an Attribute Value beside it means; one that is not known decides nothing. */
function nameAmong(children: readonly TranscriptItem[]): string | undefined {
  const known = children.filter(({ standIn }) => standIn === undefined);
  return attributeNameAmong(known.map(({ item }) => item));
}

/** A line read, before its value has a meaning: that may depend on a line below it. */
interface OpenNode {
  readonly line: number;
  readonly tag: number;
  readonly type: ItemType | undefined;
  readonly text: string | undefined;
  readonly children: OpenNode[];
}

const itemLine = /^([A-Za-z0-9_]+)(?: \(([A-Za-z]+)\))?(?:: (.*))?$/;

/** The deepest indentation that is looked at, in levels; the depth of messages is limited besides. */
const maximumIndentation = 200;

function nodeFrom(line: TextLine, content: string): OpenNode {
  const [matched, name = "", type, text] = itemLine.exec(content) ?? [];
  if (matched === undefined) throw new TranscriptError(line.number, "expected Tag, Tag: value or Tag (Type): value");
  return {
    line: line.number,
    tag: tagFrom(name),
    type: type === undefined ? undefined : typeFrom(type),
    text: text?.trimEnd(),
    children: [],
  };
}

function depthOf({ number, text }: TextLine): number {
  const spaces = /^ */.exec(text)?.[0].length ?? 0;
  if (spaces % indent.length !== 0 || spaces === 0) {
    throw new TranscriptError(number, "items are indented by two spaces a level");
  }
  return spaces / indent.length - 1;
}

/** Runs what may throw an EncodingError, and says on which line it was. */
function onLine<T>(number: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof EncodingError) throw new TranscriptError(number, error.message);
    throw error;
  }
}

/**
 * Reads the lines of one message. The limits are those of messages.
 *
 * @throws TranscriptError
 */
export function treeFrom(lines: readonly TextLine[], limits?: Partial<TtlvLimits>): TranscriptItem {
  const budget = new Budget(limits);
  const path: OpenNode[] = [];
  let root: OpenNode | undefined;
  for (const line of lines) {
    const depth = depthOf(line);
    if (depth > maximumIndentation || depth > path.length) {
      throw new TranscriptError(line.number, "the line is indented deeper than what it could stand in");
    }
    const node = onLine(line.number, () => nodeFrom(line, line.text.trimStart()));
    onLine(line.number, () => budget.item(node.text === undefined ? depth + 1 : depth));
    path.length = depth;
    const parent = path.at(-1);
    if (parent === undefined) {
      if (root !== undefined) throw new TranscriptError(line.number, "a step has one message");
      root = node;
    } else if (parent.text !== undefined) {
      throw new TranscriptError(line.number, "the item above has a value, so that nothing stands inside it");
    } else parent.children.push(node);
    path.push(node);
  }
  if (root === undefined) throw new TranscriptError(lines[0]?.number ?? 1, "there is no message");
  return itemFrom(root, undefined);
}

function itemFrom(node: OpenNode, attributeName: string | undefined): TranscriptItem {
  const { text, tag, type } = node;
  if (text !== undefined) return onLine(node.line, () => valueFrom(tag, type, text, attributeName));
  if (type !== undefined && type !== ItemType.Structure) {
    throw new TranscriptError(node.line, "a type is named, and no value stands behind it");
  }
  const nameHere = attributeNameIn(node.children);
  const children = node.children.map((child) => itemFrom(child, nameHere));
  const value: readonly Item[] = children.map(({ item }) => item);
  return { item: { tag, type: ItemType.Structure, value }, children };
}

function attributeNameIn(nodes: readonly OpenNode[]): string | undefined {
  const named = nodes.filter(({ tag, text }) => tag === Tag.AttributeName && text !== undefined);
  const items = named.map((node) => itemFrom(node, undefined));
  return nameAmong(items);
}
