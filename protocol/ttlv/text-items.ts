import { type Item, ItemType } from "./item.js";
import { headerBytes, headerLayout, paddedLength, valueLayouts } from "./layouts.js";
import { encodeItems } from "./writer.js";

/**
 * Many Text Strings of one tag, which those who pass them on agree on, as they stand in a message, one behind the other.
 * To pass them between threads and to answer with them costs next to nothing, where as many strings and items would have
 * to be made and collected.
 */
export interface TextItems {
  readonly count: number;
  /**
   * The bytes, each as one character: megabytes of Buffers that are thrown away at once make the runtime collect its
   * whole heap, megabytes of strings do not.
   */
  readonly encoded: string;
}

/** Writes texts as items. Throws TtlvError as `encodeItem` does. */
export function textItems(tag: number, texts: readonly string[]): TextItems {
  const encoded = encodeItems(texts.map((value): Item => ({ tag, type: ItemType.TextString, value })));
  return { count: texts.length, encoded: encoded.toString("latin1") };
}

/** The texts of all parts, in their order. */
export function joinedTextItems(parts: readonly TextItems[]): TextItems {
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  return { count, encoded: parts.map(({ encoded }) => encoded).join("") };
}

/** The texts, each read when it is asked for. */
export function* textsIn({ encoded }: TextItems): Generator<string, undefined> {
  const bytes = Buffer.from(encoded, "latin1");
  for (let offset = 0; offset < bytes.length; ) {
    const { length } = headerLayout.decode(bytes, offset);
    offset += headerBytes;
    yield valueLayouts[ItemType.TextString].decode(bytes, offset);
    offset += paddedLength(length);
  }
}
