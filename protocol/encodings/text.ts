import { tagLabel } from "../tags.js";
import { type Item, ItemType, type Primitive } from "../ttlv/item.js";
import { attributeNameAmong } from "./attribute-context.js";
import { primitiveText } from "./primitives.js";
import { firstExtension, openByteStrings, secretTags } from "./secret-tags.js";

/** How much a message may take in a log. */
export interface TextLimits {
  readonly maximumLines: number;
  /** Characters of one text value. */
  readonly maximumTextLength: number;
}

export const defaultTextLimits: TextLimits = { maximumLines: 500, maximumTextLength: 200 };

function hidden(item: Primitive): string {
  switch (item.type) {
    case ItemType.ByteString:
      return `(${item.value.length} bytes)`;
    case ItemType.TextString:
    case ItemType.Identifier:
    case ItemType.Reference:
    case ItemType.NameReference:
      return `(text of ${item.value.length} characters)`;
    case ItemType.BigInteger:
      return "(big integer)";
    default:
      return "(hidden)";
  }
}

function shown(item: Primitive, attributeName: string | undefined, limits: TextLimits): string {
  switch (item.type) {
    case ItemType.TextString:
    case ItemType.Identifier:
    case ItemType.Reference:
    case ItemType.NameReference: {
      const cut = item.value.length > limits.maximumTextLength;
      return JSON.stringify(cut ? `${item.value.slice(0, limits.maximumTextLength)}…` : item.value);
    }
    case ItemType.ByteString:
      return openByteStrings.has(item.tag) ? item.value.toString("hex") : hidden(item);
    case ItemType.BigInteger:
      return hidden(item);
    default:
      return primitiveText(item, attributeName, "|");
  }
}

interface Line {
  readonly item: Item;
  readonly depth: number;
  readonly secret: boolean;
  readonly attributeName: string | undefined;
}

function lineText({ item, depth, secret, attributeName }: Line, limits: TextLimits): string {
  const start = `${"  ".repeat(depth)}${tagLabel(item.tag)}`;
  if (item.type === ItemType.Structure) return start;
  return `${start}: ${secret ? hidden(item) : shown(item, attributeName, limits)}`;
}

/**
 * A message as an indented tree for logs and people. Secrets are kept out by rule: Byte Strings and Big Integers show
 * only that they are there and how long, as does everything inside key material, passwords, tickets, PKCS#11
 * parameters, derivation data and extensions. It is for reading only; nothing reads it back.
 */
export function itemToText(item: Item, limits: TextLimits = defaultTextLimits): string {
  const lines: string[] = [];
  const waiting: Line[] = [{ item, depth: 0, secret: false, attributeName: undefined }];
  for (let line = waiting.pop(); line !== undefined; line = waiting.pop()) {
    if (lines.length === limits.maximumLines) {
      lines.push("…");
      break;
    }
    const secret = line.secret || secretTags.has(line.item.tag) || line.item.tag >= firstExtension;
    lines.push(lineText({ ...line, secret }, limits));
    if (line.item.type !== ItemType.Structure) continue;
    const attributeName = attributeNameAmong(line.item.value);
    const { depth } = line;
    const children = line.item.value.map((child) => ({ item: child, depth: depth + 1, secret, attributeName }));
    waiting.push(...children.reverse());
  }
  return lines.join("\n");
}
