import { factOfTag, Tag, tagLabel } from "../tags.js";
import { type Item, ItemType } from "../ttlv/item.js";
import type { TtlvLimits } from "../ttlv/limits.js";
import { attributeNameAmong } from "./attribute-context.js";
import { Budget } from "./budget.js";
import { EncodingError, EncodingErrorCode } from "./error.js";
import { tagFrom, typeFrom, typeName } from "./names.js";
import { primitiveFrom, primitiveText } from "./primitives.js";
import { parseXmlElements, type XmlElement } from "./xml-elements.js";

const namespace = "urn:oasis:tc:kmip:xmlns";

/** The element that can stand for every tag, also for those without a name. */
const genericElement = "TTLV";

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

/** What no XML 1.0 document can hold, not even escaped. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to find
const notInXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;

function escaped(text: string): string {
  if (notInXml.test(text)) {
    throw new EncodingError(EncodingErrorCode.Inexpressible, "A Text String holds a character that XML cannot");
  }
  return text.replace(/[&<>"\t\n\r]/g, (character) => escapes[character] ?? character);
}

function write(item: Item, depth: number, attributeName: string | undefined, lines: string[], budget: Budget): void {
  const indent = "  ".repeat(depth);
  const named = factOfTag(item.tag) !== undefined;
  const element = named ? tagLabel(item.tag) : genericElement;
  const start = named ? element : `${element} tag="${tagLabel(item.tag)}"`;
  if (item.type !== ItemType.Structure) {
    budget.item(depth);
    lines.push(
      `${indent}<${start} type="${typeName(item.type)}" value="${escaped(primitiveText(item, attributeName, " "))}"/>`,
    );
    return;
  }
  budget.item(depth + 1);
  if (item.value.length === 0) {
    lines.push(`${indent}<${start}/>`);
    return;
  }
  lines.push(`${indent}<${start}>`);
  const nameHere = attributeNameAmong(item.value);
  for (const child of item.value) write(child, depth + 1, nameHere, lines, budget);
  lines.push(`${indent}</${element}>`);
}

/**
 * Writes an item as XML (KMIP Additional Message Encodings 1.0 §6): two spaces a level, names where there are names.
 *
 * @throws EncodingError `inexpressible` when a text holds characters that XML has no form for, and for items that
 * exceed the limits of a message.
 */
export function itemToXml(item: Item): string {
  const lines: string[] = [];
  write(item, 0, undefined, lines, new Budget());
  return `${lines.join("\n")}\n`;
}

const knownAttributes: readonly string[] = ["tag", "name", "type", "value", "xmlns"];

function checkAttributes({ name, attributes, text }: XmlElement): void {
  const unknown = Object.keys(attributes).some((attribute) => !knownAttributes.includes(attribute));
  const wrongNamespace = (attributes["xmlns"] ?? namespace) !== namespace;
  const wrongForm = (name === genericElement) !== (attributes["tag"] !== undefined);
  if (unknown || wrongNamespace || wrongForm || text !== "") {
    throw new EncodingError(EncodingErrorCode.Malformed, "An element is not of the form that messages have");
  }
}

function isAttributeName({ name, attributes }: XmlElement): boolean {
  const tag = attributes["tag"] ?? name;
  return tag === tagLabel(Tag.AttributeName) || tag.replace(/^0?x/i, "").toLowerCase() === attributeNameDigits;
}

const attributeNameDigits = Tag.AttributeName.toString(16);

/** An Attribute Name beside its value, before either has been given a meaning. */
function attributeNameIn(elements: readonly XmlElement[]): string | undefined {
  const { attributes = {} } = elements.find(isAttributeName) ?? {};
  return attributes["type"] === typeName(ItemType.TextString) ? attributes["value"] : undefined;
}

function read(element: XmlElement, depth: number, attributeName: string | undefined, budget: Budget): Item {
  checkAttributes(element);
  const tag = tagFrom(element.attributes["tag"] ?? element.name);
  const type = typeFrom(element.attributes["type"]);
  const value = element.attributes["value"];
  if (type === ItemType.Structure) {
    budget.item(depth + 1);
    if (value !== undefined) throw new EncodingError(EncodingErrorCode.Malformed, "A Structure has no value attribute");
    const nameHere = attributeNameIn(element.children);
    return { tag, type, value: element.children.map((child) => read(child, depth + 1, nameHere, budget)) };
  }
  budget.item(depth);
  if (value === undefined || element.children.length > 0) {
    throw new EncodingError(EncodingErrorCode.Malformed, "An item has a value attribute and no elements inside it");
  }
  return primitiveFrom(tag, type, value, attributeName);
}

/**
 * The item that an element stands for.
 *
 * @throws EncodingError for an element that is no item, or exceeds a limit.
 */
export function itemFromElement(element: XmlElement, limits?: Partial<TtlvLimits>): Item {
  return read(element, 0, undefined, new Budget(limits));
}

/**
 * Reads one item written in XML.
 *
 * @throws EncodingError for text that is not such an item, or exceeds a limit.
 */
export function itemFromXml(text: string, limits?: Partial<TtlvLimits>): Item {
  const [element, ...others] = parseXmlElements(text, limits);
  if (element === undefined || others.length > 0) {
    throw new EncodingError(EncodingErrorCode.Malformed, "The text must hold one message");
  }
  return itemFromElement(element, limits);
}

/** Reads every item that stands side by side inside a wrapper such as `<KMIP>`; the limits are for all of them. */
export function itemsFromXml(text: string, limits?: Partial<TtlvLimits>): readonly Item[] {
  return parseXmlElements(text, limits).map((element) => itemFromElement(element, limits));
}

/**
 * The Protocol Version in the header of the message in a text, also where the rest of the message cannot be read.
 *
 * @throws EncodingError for text that is not XML within the limits, or a Protocol Version that cannot be read.
 */
export function versionItemInXml(text: string, limits?: Partial<TtlvLimits>): Item | undefined {
  const [message] = parseXmlElements(text, limits);
  const header = message?.children.find(({ name }) => name.endsWith("Header"));
  const version = header?.children.find(({ name }) => name === tagLabel(Tag.ProtocolVersion));
  return version === undefined ? undefined : itemFromElement(version, limits);
}
