import { randomBytes } from "node:crypto";
import { bytesOf } from "#protocol/encodings/transcript/redaction.js";
import type { StandIn } from "#protocol/encodings/transcript/step.js";
import { type Item, ItemType, type Primitive } from "#protocol/ttlv/item.js";
import { Bindings, leafText } from "../bindings.js";
import type { ExpectedItem } from "../expected.js";

/** A request holds something that has no value. */
export class UnboundError extends Error {
  override readonly name = "UnboundError";
}

type Redacted = Extract<StandIn, { kind: "redacted" }>;

/** By how many bytes encodings of equally large numbers differ. */
const slackBytes = 16;

/** What the variables and redacted values of a transcript stand for while it is played. */
export class TranscriptBindings extends Bindings {
  private readonly items = new Map<string, Primitive>();
  private readonly secrets = new Map<string, Primitive>();
  private readonly seconds: () => number;

  /**
   * `clock` gives seconds since 1970; `given` are the values of variables that the caller knows; `learned` is told those
   * that answers give.
   */
  constructor(
    clock: () => number,
    given: ReadonlyMap<string, string> = new Map(),
    private readonly learned?: (name: string, value: Item) => void,
  ) {
    super(clock);
    this.seconds = clock;
    for (const [name, value] of given) this.items.set(name, { tag: 0, type: ItemType.TextString, value });
  }

  override meetExpected(expected: ExpectedItem, answered: Item, isAboutAsLong: boolean): string | undefined {
    const { standIn } = expected;
    if (standIn === undefined) return super.meetExpected(expected, answered, isAboutAsLong);
    if (standIn.kind === "any") return undefined;
    if (answered.type === ItemType.Structure) return "a value";
    if (standIn.kind === "variable") return this.meetVariable(standIn.name, answered);
    return standIn.kind === "now"
      ? this.meetNow(standIn.offset, answered)
      : this.meetSecret(standIn, answered, isAboutAsLong);
  }

  /** The item to send where one stands in for its value. Throws UnboundError. */
  itemFor(item: Item, standIn: StandIn): Item {
    if (item.type === ItemType.Structure || standIn.kind === "any") {
      throw new UnboundError("$any says what an answer may be, and is nothing to send");
    }
    if (standIn.kind === "now") return this.now(item, standIn.offset);
    if (standIn.kind === "redacted") return this.secretFor(item, standIn);
    const bound = this.items.get(standIn.name);
    if (bound === undefined) throw new UnboundError(`no answer gave $${standIn.name} a value`);
    return valued(item, bound, `$${standIn.name}`);
  }

  private meetVariable(name: string, answered: Primitive): string | undefined {
    const bound = this.items.get(name);
    if (bound !== undefined) {
      return leafText(bound) === leafText(answered) ? undefined : `$${name}, which is ${leafText(bound)}`;
    }
    this.items.set(name, answered);
    this.learned?.(name, answered);
    return undefined;
  }

  private meetNow(offset: number, answered: Primitive): string | undefined {
    const isExtended = answered.type === ItemType.DateTimeExtended;
    const isDate = isExtended || answered.type === ItemType.DateTime;
    const seconds = isDate ? Number(answered.value) / (isExtended ? 1_000_000 : 1) : Number.NaN;
    return this.isDuringRun(seconds - offset) ? undefined : "a moment during the play";
  }

  private meetSecret({ bytes, digest }: Redacted, answered: Primitive, isAboutAsLong: boolean): string | undefined {
    const length = bytesOf(answered)?.length;
    const bound = digest === undefined ? undefined : this.secrets.get(digest);
    if (bound !== undefined && leafText(bound) !== leafText(answered)) return `the same secret as before (#${digest})`;
    const difference = bytes === undefined || length === undefined ? 0 : Math.abs(bytes - length);
    if (difference > (isAboutAsLong ? slackBytes : 0)) return `${bytes} bytes`;
    if (digest !== undefined) this.secrets.set(digest, answered);
    return undefined;
  }

  private now(item: Primitive, offset: number): Item {
    const seconds = BigInt(Math.floor(this.seconds()) + offset);
    const value = item.type === ItemType.DateTimeExtended ? seconds * 1_000_000n : seconds;
    return { ...item, value } as Item;
  }

  private secretFor(item: Primitive, { bytes = 0, digest }: Redacted): Item {
    const bound = digest === undefined ? undefined : this.secrets.get(digest);
    if (bound !== undefined) return valued(item, bound, `#${digest}`);
    const made = generated(item, bytes);
    if (digest !== undefined) this.secrets.set(digest, made);
    return made;
  }
}

/** A value of the item's type and of a length in bytes, made up; types without lengths keep their empty value. */
function generated(item: Primitive, bytes: number): Primitive {
  switch (item.type) {
    case ItemType.ByteString:
      return { ...item, value: randomBytes(bytes) };
    case ItemType.TextString:
    case ItemType.Identifier:
    case ItemType.Reference:
    case ItemType.NameReference:
      return {
        ...item,
        value: randomBytes(Math.ceil(bytes / 2))
          .toString("hex")
          .slice(0, bytes),
      };
    case ItemType.BigInteger:
      return { ...item, value: bytes === 0 ? 0n : BigInt(`0x7f${randomBytes(bytes - 1).toString("hex")}`) };
    default:
      return item;
  }
}

/** The item with the value of another; texts and bytes stand for one another. */
function valued(item: Primitive, bound: Primitive, name: string): Item {
  if (item.type === bound.type) return { ...bound, tag: item.tag };
  if (typeof item.value === "string") {
    const text = Buffer.isBuffer(bound.value) ? bound.value.toString() : leafText(bound);
    return { ...item, value: text } as Item;
  }
  if (Buffer.isBuffer(item.value) && typeof bound.value === "string") {
    return { ...item, value: Buffer.from(bound.value) } as Item;
  }
  if (typeof item.value === typeof bound.value) return { ...item, value: bound.value } as Item;
  throw new UnboundError(`${name} has a value of another type`);
}
