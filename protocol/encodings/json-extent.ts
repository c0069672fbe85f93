import { type TtlvLimits, ttlvLimits } from "../ttlv/limits.js";
import { EncodingError, EncodingErrorCode } from "./error.js";

/** An item is one object; its properties are tag, name, type and value. */
const separatorsOfItem = 4;

/** A structure is an object with an array inside it. */
const bracketsOfStructure = 2;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openings: readonly number[] = [0x7b, 0x5b];
const closings: readonly number[] = [0x7d, 0x5d];

/**
 * Checks how deep JSON nests and how much stands in it, before a parser makes objects of it that take many times the
 * memory of the text. What is no JSON is left to the parser.
 *
 * @throws EncodingError where no message within the limits can look so.
 */
export function checkJsonExtent(text: string, limits?: Partial<TtlvLimits>): void {
  const { maximumDepth, maximumItems } = ttlvLimits(limits);
  let depth = 0;
  let brackets = 0;
  let commas = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === quote) index = endOfString(text, index);
    else if (code === comma) commas += 1;
    else if (closings.includes(code)) depth -= 1;
    else if (openings.includes(code)) {
      depth += 1;
      brackets += 1;
      // The innermost items are objects too.
      if (depth > bracketsOfStructure * maximumDepth + 1) {
        throw new EncodingError(EncodingErrorCode.TooDeep, `Depth may be ${maximumDepth}`);
      }
    }
    if (brackets > bracketsOfStructure * maximumItems || commas > separatorsOfItem * maximumItems) {
      throw new EncodingError(EncodingErrorCode.TooManyItems, `A message may have ${maximumItems} items`);
    }
  }
}

/** The place of the quote that ends a string, or the end of the text. */
function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === backslash) index += 1;
    else if (code === quote) return index;
  }
  return text.length;
}
