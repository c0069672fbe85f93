import { SaxesParser } from "saxes";
import type { TtlvLimits } from "../ttlv/limits.js";
import { Budget } from "./budget.js";
import { EncodingError, EncodingErrorCode } from "./error.js";

/** One XML element, as it stands in the text. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** The text between the element before it, or its parent's start, and this element; without the spaces around it. */
  readonly textBefore: string;
  /** The text directly inside the element, all pieces of it; without the spaces around it. */
  readonly text: string;
}

interface OpenElement {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: XmlElement[];
  readonly textBefore: string;
  text: string;
  sinceLastChild: string;
}

/** Elements that only hold messages side by side. */
const wrappers: readonly string[] = ["KMIP", "KmipTestCase"];

const open = (name: string, attributes: Record<string, string>, textBefore: string): OpenElement => ({
  name,
  attributes,
  children: [],
  textBefore,
  text: "",
  sinceLastChild: "",
});

/** Collects what the parser reports into a tree, within the limits. */
class TreeBuilder {
  readonly document = open("", {}, "");
  private readonly enclosing: OpenElement[] = [];
  private current = this.document;

  constructor(private readonly budget: Budget) {}

  start(name: string, attributes: Record<string, string>): void {
    this.budget.item(this.enclosing.length - 1);
    const element = open(name, attributes, this.current.sinceLastChild.trim());
    this.enclosing.push(this.current);
    this.current = element;
  }

  end(): void {
    const { name, attributes, children, textBefore, text } = this.current;
    this.current = this.enclosing.pop() ?? this.document;
    this.current.children.push({ name, attributes, children, textBefore, text: text.trim() });
    this.current.sinceLastChild = "";
  }

  text(text: string): void {
    this.current.text += text;
    this.current.sinceLastChild += text;
  }
}

/**
 * Reads XML into elements without giving them a meaning: the messages inside a wrapper such as `<KMIP>`, or the one
 * element that is the document. The limits count elements as items and characters as the message's size.
 *
 * @throws EncodingError for text that is not well-formed, has a document type or exceeds a limit.
 */
export function parseXmlElements(text: string, limits?: Partial<TtlvLimits>): readonly XmlElement[] {
  const budget = new Budget(limits);
  budget.text(text);
  const builder = new TreeBuilder(budget);
  const parser = new SaxesParser({ xmlns: false, position: false });
  parser.on("error", () => {
    throw new EncodingError(EncodingErrorCode.Malformed, "The text is not well-formed XML");
  });
  parser.on("doctype", () => {
    throw new EncodingError(EncodingErrorCode.DocumentType, "A message has no document type");
  });
  parser.on("opentag", (tag) => builder.start(tag.name, tag.attributes));
  parser.on("closetag", () => builder.end());
  parser.on("text", (piece) => builder.text(piece));
  parser.on("cdata", (piece) => builder.text(piece));
  parser.write(text).close();
  const [root] = builder.document.children;
  if (root === undefined) throw new EncodingError(EncodingErrorCode.Malformed, "The text holds no element");
  return wrappers.includes(root.name) ? root.children : [root];
}
