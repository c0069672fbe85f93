import { Operation } from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { Bindings, leafText } from "./bindings.js";
import type { Condition } from "./tolerances.js";

/** Operations whose new object's material is the server's random numbers. */
const generating: ReadonlySet<number> = new Set([
  Operation.Create,
  Operation.CreateKeyPair,
  Operation.ReKey,
  Operation.ReKeyKeyPair,
  Operation.CreateSplitKey,
]);

/** Operations whose new object is as random as the objects it is made from. */
const deriving: ReadonlySet<number> = new Set([Operation.DeriveKey, Operation.JoinSplitKey]);

const identifierTags: ReadonlySet<number> = new Set([
  Tag.UniqueIdentifier,
  Tag.PrivateKeyUniqueIdentifier,
  Tag.PublicKeyUniqueIdentifier,
]);

function leaves(item: Item): readonly Item[] {
  return item.type === ItemType.Structure ? item.value.flatMap(leaves) : [item];
}

/** The fields of a structure that have the tag. */
export function fields(item: Item | undefined, tag: number): readonly Item[] {
  return item?.type === ItemType.Structure ? item.value.filter((child) => child.tag === tag) : [];
}

function identifiersIn(item: Item | undefined): readonly string[] {
  if (item === undefined) return [];
  return leaves(item)
    .filter((leaf) => identifierTags.has(leaf.tag))
    .map(leafText);
}

/** The operation of a batch item, as its number. */
export function operationOf(batchItem: Item | undefined): number | undefined {
  const [operation] = fields(batchItem, Tag.Operation);
  return operation?.type === ItemType.Enumeration ? operation.value : undefined;
}

/** What has happened so far in one case: what was sent, which objects the server made, which values it gave before. */
export class RunState {
  readonly bindings: Bindings;
  private readonly sent = new Set<string>();
  private readonly generated = new Set<string>();
  private readonly answered = new Map<string, string>();

  /** `clock` gives seconds since 1970. */
  constructor(clock: () => number) {
    this.bindings = new Bindings(clock);
  }

  /** Remembers what a request carries. */
  noteRequest(request: Item): void {
    for (const leaf of leaves(request)) this.sent.add(`${leaf.type}:${leafText(leaf)}`);
  }

  /** Whether a request of this case carried the value. */
  wasSent(item: Item): boolean {
    return this.sent.has(`${item.type}:${leafText(item)}`);
  }

  /** Remembers what one batch item was answered. */
  noteAnswer(asked: Item | undefined, answered: Item): void {
    const operation = operationOf(asked);
    if (operation === undefined) return;
    const isRandom = deriving.has(operation) && identifiersIn(asked).some((id) => this.generated.has(id));
    if (!generating.has(operation) && !isRandom) return;
    for (const id of identifiersIn(fields(answered, Tag.ResponsePayload)[0])) this.generated.add(id);
  }

  /** The conditions that hold for one batch item. */
  conditions(asked: Item | undefined, answered: Item): ReadonlySet<Condition> {
    const conditions = new Set<Condition>();
    const named = [...identifiersIn(asked), ...identifiersIn(answered)];
    const hasIv = (item: Item | undefined): boolean =>
      item !== undefined && leaves(item).some((leaf) => leaf.tag === Tag.IVCounterNonce);
    const operation = operationOf(asked);
    const makesOne = operation !== undefined && generating.has(operation);
    const choosesIv = operation === Operation.Encrypt && hasIv(answered) && !hasIv(asked);
    if (makesOne || choosesIv || named.some((id) => this.generated.has(id))) conditions.add("random");
    const [payload] = fields(asked, Tag.RequestPayload);
    const namesOne = [Tag.AttributeName, Tag.AttributeReference].some((tag) => fields(payload, tag).length > 0);
    if (!namesOne) conditions.add("no-attribute-named");
    return conditions;
  }

  /**
   * Remembers a random value that stays the same for good, under a name. Gives the value it had before if it differs.
   * `shown` is the value in the case: where the case shows another one, another one may come.
   */
  changedSince(name: string, shown: string, value: string): string | undefined {
    const key = `${name} ${shown}`;
    const before = this.answered.get(key);
    if (before !== undefined) return before === value ? undefined : before;
    this.answered.set(key, value);
    return undefined;
  }
}
