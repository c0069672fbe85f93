import { type Item, ItemType } from "./item.js";
import { headerBytes, headerLayout } from "./layouts.js";
import { decodeItem } from "./reader.js";

/**
 * A Structure whose items are written already. They are read where somebody looks at them, each time anew. What is made
 * of it by spreading is a Structure like any other.
 */
export class EncodedStructure {
  readonly type = ItemType.Structure;
  readonly tag: number;
  /** The items, one behind the other: one character for each byte. */
  readonly encoded: string;
  declare readonly value: readonly Item[];

  constructor(tag: number, encoded: string) {
    this.tag = tag;
    this.encoded = encoded;
    // A property of its own, so that spreading takes it along.
    Object.defineProperty(this, "value", { enumerable: true, get: () => this.read() });
  }

  private read(): readonly Item[] {
    const { tag, type, encoded } = this;
    const whole = Buffer.alloc(headerBytes + encoded.length);
    whole.write(encoded, headerLayout.encode({ tag, type, length: encoded.length }, whole), "latin1");
    const item = decodeItem(whole, { maximumBytes: whole.length, maximumItems: whole.length });
    return item.type === ItemType.Structure ? item.value : [];
  }
}
