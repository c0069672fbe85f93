import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { itemFromElement } from "#protocol/encodings/xml.js";
import { parseXmlElements, type XmlElement } from "#protocol/encodings/xml-elements.js";
import type { Item } from "#protocol/ttlv/item.js";

/** One message of an OASIS test case: where it stands, and its tree with a sample value in place of each placeholder. */
export interface CaseMessage {
  /** Path of the case, and the number of the message in it, counted from 1. */
  readonly place: string;
  readonly item: Item;
}

/** Stands in for the values that a case leaves open, such as `$NOW-3600` or `$UNIQUE_IDENTIFIER_0`. */
function filled(value: string, type: string | undefined): string {
  if (!value.startsWith("$")) return value;
  if (type === "DateTime") return "2026-01-01T00:00:00+00:00";
  return type === "ByteString" ? "0123456789abcdef" : value;
}

/** The element with sample values in place of placeholders. */
export function withSamples(element: XmlElement): XmlElement {
  const { type, value } = element.attributes;
  return {
    ...element,
    attributes: value === undefined ? element.attributes : { ...element.attributes, value: filled(value, type) },
    children: element.children.map(withSamples),
  };
}

/** Cases cut from documents carry runs of spaces in attribute names, where their lines were broken. */
function withWholeNames(element: XmlElement): XmlElement {
  const { value } = element.attributes;
  return {
    ...element,
    attributes:
      element.name === "AttributeName" && value !== undefined
        ? { ...element.attributes, value: value.replace(/\s+/g, " ") }
        : element.attributes,
    children: element.children.map(withWholeNames),
  };
}

/** The messages of every test case below a folder, file by file. */
export function* messagesOfCases(folder: string): Generator<CaseMessage> {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".xml"));
  for (const path of paths.sort()) {
    const elements = parseXmlElements(readFileSync(join(folder, path), "utf8"));
    for (const [index, element] of elements.entries()) {
      yield { place: `${path} message ${index + 1}`, item: itemFromElement(withWholeNames(withSamples(element))) };
    }
  }
}
