import { CryptographicAlgorithm, Operation, PaddingMethod } from "#protocol/enums/index.js";
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

/** Paddings and algorithms with a salt of their own, by the operation whose result they make another each time. */
const salted: ReadonlyMap<number, readonly (readonly [tag: number, value: number])[]> = new Map([
  [
    Operation.Encrypt,
    [
      [Tag.PaddingMethod, PaddingMethod.OAEP],
      [Tag.PaddingMethod, PaddingMethod.PKCS1V1_5],
    ],
  ],
  [
    Operation.Sign,
    [
      [Tag.PaddingMethod, PaddingMethod.PSS],
      [Tag.CryptographicAlgorithm, CryptographicAlgorithm.ECDSA],
      [Tag.CryptographicAlgorithm, CryptographicAlgorithm.EC],
      [Tag.CryptographicAlgorithm, CryptographicAlgorithm.DSA],
    ],
  ],
]);

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
  private readonly generated: Set<string>;
  private readonly answered = new Map<string, string>();
  /** What the requests that made an object said of its paddings and algorithms. */
  private readonly made: Map<string, readonly Item[]>;

  /** Whether nothing may differ that has no placeholder. */
  readonly isStrict: boolean;

  /**
   * `clock` gives seconds since 1970; `earlier` is the run of the case before, whose objects this case looks for.
   * `chosen` has what a transcript binds in place of a case.
   */
  constructor(
    clock: () => number,
    earlier?: RunState,
    chosen?: { readonly bindings: Bindings; readonly isStrict: boolean },
  ) {
    this.bindings = chosen?.bindings ?? new Bindings(clock, earlier?.bindings.since);
    this.isStrict = chosen?.isStrict ?? false;
    this.generated = new Set(earlier?.generated);
    this.made = new Map(earlier?.made);
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
    const [payload] = fields(answered, Tag.ResponsePayload);
    if (asked !== undefined && fields(payload, Tag.UniqueIdentifier).length > 0)
      this.noteMade(operation, asked, payload);
    const isRandom = deriving.has(operation) && identifiersIn(asked).some((id) => this.generated.has(id));
    const isOfServer = asked !== undefined && operation === Operation.Locate && this.findsMembers(asked, payload);
    if (!generating.has(operation) && !isRandom && !isOfServer) return;
    for (const id of identifiersIn(payload)) this.generated.add(id);
  }

  /** Whether a Locate for members of a group gave what no request made: the server did, on the fly (KMIP 1.4 §4.9). */
  private findsMembers(asked: Item, payload: Item | undefined): boolean {
    const [sought] = fields(asked, Tag.RequestPayload);
    if (fields(sought, Tag.ObjectGroupMember).length === 0) return false;
    return identifiersIn(payload).every((id) => !this.made.has(id));
  }

  private noteMade(operation: number, asked: Item, payload: Item | undefined): void {
    if (operation !== Operation.Register && !generating.has(operation)) return;
    const telling = leaves(asked).filter((leaf) => leaf.type === ItemType.Enumeration);
    for (const id of identifiersIn(payload)) this.made.set(id, telling);
  }

  /** Whether the operation salts its result: by what the request says, else by what the object was made with. */
  private isSalted(operation: number | undefined, asked: Item | undefined, named: readonly string[]): boolean {
    const kinds = operation === undefined ? undefined : salted.get(operation);
    if (kinds === undefined || asked === undefined) return false;
    const ofObject = named.flatMap((id) => this.made.get(id) ?? []);
    return kinds.some(([tag, value]) => {
      const inRequest = leaves(asked).filter((leaf) => leaf.tag === tag);
      return (inRequest.length > 0 ? inRequest : ofObject).some((leaf) => leaf.tag === tag && leaf.value === value);
    });
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
    const isRandom = makesOne || choosesIv || this.isSalted(operation, asked, named);
    if (isRandom || named.some((id) => this.generated.has(id))) conditions.add("random");
    const [payload] = fields(asked, Tag.RequestPayload);
    const namesOne = [Tag.AttributeName, Tag.AttributeReference].some((tag) => fields(payload, tag).length > 0);
    if (!namesOne) conditions.add("no-attribute-named");
    if (fields(payload, Tag.ProtocolVersion).length === 0) conditions.add("no-version-named");
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
