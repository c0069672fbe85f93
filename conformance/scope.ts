import { Tag, tagLabel } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import type { RunState } from "./run-state.js";
import { type Condition, type Tolerance, toleranceOf } from "./tolerances.js";

/** What a batch item's answer belongs to. */
export interface BatchScope {
  readonly operation: string | undefined;
  readonly conditions: ReadonlySet<Condition>;
  /** The object the answer is about, if it names one. */
  readonly object: string | undefined;
}

const noBatch: BatchScope = { operation: undefined, conditions: new Set(), object: undefined };

function attributeName(item: Item): string | undefined {
  if (item.type !== ItemType.Structure) return undefined;
  const name = item.value.find((child) => child.tag === Tag.AttributeName);
  return name?.type === ItemType.TextString ? name.value : undefined;
}

/** The name tolerances know a field by: an attribute's value goes by the name of the attribute. */
function fieldName(item: Item, attribute: string | undefined): string {
  if (item.tag === Tag.AttributeValue && attribute !== undefined) return attribute.replaceAll(" ", "");
  return tagLabel(item.tag);
}

/** Where the comparator stands in an answer. */
export class Scope {
  readonly path: string;
  readonly run: RunState;
  readonly batch: BatchScope;
  private readonly field: string;
  private readonly attribute: string | undefined;

  private constructor(path: string, field: string, attribute: string | undefined, run: RunState, batch: BatchScope) {
    this.path = path;
    this.field = field;
    this.attribute = attribute;
    this.run = run;
    this.batch = batch;
  }

  /** The scope of a whole message. */
  static ofMessage(message: Item, run: RunState): Scope {
    const label = tagLabel(message.tag);
    return new Scope(label, label, undefined, run, noBatch);
  }

  /** The scope of a batch item. */
  ofBatchItem(index: number, batch: BatchScope): Scope {
    return new Scope(`${this.path}/BatchItem[${index}]`, "BatchItem", undefined, this.run, batch);
  }

  /** The scope of a field in here; `answered` is the answered item where `item` is the expected one. */
  child(item: Item, answered: Item = item): Scope {
    const field = fieldName(item, this.attribute);
    const attribute = item.tag === Tag.Attribute ? attributeName(answered) : undefined;
    const label = attribute === undefined ? tagLabel(item.tag) : `${tagLabel(item.tag)}(${attribute})`;
    return new Scope(`${this.path}/${label}`, field, attribute, this.run, this.batch);
  }

  /** What may differ here. */
  tolerance(): Tolerance | undefined {
    if (this.run.isStrict) return undefined;
    return toleranceOf(this.field, this.batch.operation, (condition) => this.batch.conditions.has(condition));
  }

  /** The name under which a generated value of one object is remembered. */
  get valueName(): string {
    return `${this.batch.object ?? ""} ${this.field}`;
  }
}
