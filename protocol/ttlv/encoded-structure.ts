import { type Item, ItemType } from "./item.js";
import { headerBytes, headerLayout, paddedLength } from "./layouts.js";
import { decodeItem } from "./reader.js";

/**
 * A Structure whose items are written already. They are read when somebody first looks at them. What is made of it by
 * spreading is a Structure like any other.
 */
export class EncodedStructure {
  readonly type = ItemType.Structure;
  readonly tag: number;
  declare readonly value: readonly Item[];
  readonly #encoded: string;
  #items: readonly Item[] | undefined;

  /** `encoded` are the items, one behind the other, one character for each byte. Throws TypeError where it cannot be. */
  constructor(tag: number, encoded: string) {
    if (paddedLength(encoded.length) !== encoded.length) throw new TypeError("items are multiples of eight bytes long");
    this.tag = tag;
    this.#encoded = encoded;
    // A property of its own, so that spreading takes it along.
    Object.defineProperty(this, "value", { enumerable: true, get: () => this.read() });
  }

  /** The items, one behind the other: one character for each byte. */
  get encoded(): string {
    return this.#encoded;
  }

  private read(): readonly Item[] {
    if (this.#items !== undefined) return this.#items;
    const { tag, type, encoded } = this;
    const whole = Buffer.alloc(headerBytes + encoded.length);
    whole.write(encoded, headerLayout.encode({ tag, type, length: encoded.length }, whole), "latin1");
    const item = decodeItem(whole, { maximumBytes: whole.length, maximumItems: whole.length });
    this.#items = item.type === ItemType.Structure ? item.value : [];
    return this.#items;
  }
}
