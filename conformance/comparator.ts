import { enumerationName, enumerationOf } from "#protocol/enums/index.js";
import { tagLabel } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { leafText } from "./bindings.js";
import type { ExpectedItem } from "./expected.js";
import { pair } from "./pairing.js";
import type { Scope } from "./scope.js";
import type { Acceptance, Tolerance } from "./tolerances.js";

/** A place in which an answer differs from what is expected. */
export interface Difference {
  /** The field's way from the message, such as "ResponseMessage/BatchItem[0]/ResponsePayload/Data". */
  readonly path: string;
  readonly expected: string;
  readonly actual: string;
}

/** An item in words, cut to a readable length. Only for test data: it shows key material. */
export function describeItem(item: Item | undefined): string {
  if (item === undefined) return "nothing";
  if (item.type === ItemType.Structure) {
    return `${tagLabel(item.tag)} { ${item.value.map((child) => tagLabel(child.tag)).join(", ")} }`;
  }
  const table = item.type === ItemType.Enumeration ? enumerationOf(item.tag) : undefined;
  const named = table !== undefined && typeof item.value === "number" ? enumerationName(table, item.value) : undefined;
  const text = named ?? leafText(item);
  const shown = text.length > 100 ? `${text.slice(0, 100)}… (${text.length} characters)` : text;
  return `${tagLabel(item.tag)} ${typeName(item.type)} "${shown}"`;
}

function describeExpected({ item, placeholder }: ExpectedItem): string {
  return placeholder === undefined ? describeItem(item) : `${tagLabel(item.tag)} ${placeholder}`;
}

function typeName(type: ItemType): string {
  return Object.entries(ItemType).find(([, code]) => code === type)?.[0] ?? String(type);
}

/** Compares an answer, or a part of it, with what is expected. Gives every difference, in the order of the fields. */
export function compare(expected: ExpectedItem, actual: Item, scope: Scope): readonly Difference[] {
  const wanted = expected.item;
  const differs = (): Difference => ({
    path: scope.path,
    expected: describeExpected(expected),
    actual: describeItem(actual),
  });
  if (wanted.tag !== actual.tag || wanted.type !== actual.type) return [differs()];
  const tolerance = scope.tolerance();
  if (expected.placeholder !== undefined) {
    const missed = scope.run.bindings.meetExpected(expected, actual, tolerance?.accepts === "near-length");
    return missed === undefined ? [] : [{ ...differs(), expected: missed }];
  }
  if (actual.type === ItemType.Structure) {
    if (tolerance?.accepts === "any-content") return [];
    return compareChildren(expected.children, actual.value, scope, tolerance);
  }
  if (leafText(wanted) === leafText(actual)) return [];
  if (tolerance === undefined || !accepted(tolerance.accepts, wanted, actual, scope)) return [differs()];
  if (tolerance.constant !== true) return [];
  const before = scope.run.changedSince(scope.valueName, leafText(wanted), leafText(actual));
  return before === undefined ? [] : [{ ...differs(), expected: `${before}, as answered before` }];
}

function accepted(accepts: Acceptance, wanted: Item, actual: Item, scope: Scope): boolean {
  switch (accepts) {
    case "any-value":
    case "optional":
      return leafText(actual) !== "";
    case "moment-of-run":
      if (scope.run.wasSent(wanted)) return false;
      return accepted("now", wanted, actual, scope);
    case "now":
      if (actual.type !== ItemType.DateTime) return false;
      return scope.run.bindings.isDuringRun(Number(actual.value));
    case "same-length":
      return !scope.run.wasSent(wanted) && byteLength(actual) === byteLength(wanted);
    case "near-length":
      return byteLength(actual) > 0 && Math.abs(byteLength(actual) - byteLength(wanted)) <= 16;
    default:
      return false;
  }
}

/** The length of a value in bytes; of a Big Integer, that of its magnitude. */
function byteLength(item: Item): number {
  if (item.type === ItemType.ByteString) return item.value.length;
  if (item.type === ItemType.TextString) return Buffer.byteLength(item.value);
  if (item.type === ItemType.BigInteger) return Math.ceil(item.value.toString(16).length / 2);
  return 0;
}

function compareChildren(
  expected: readonly ExpectedItem[],
  actual: readonly Item[],
  scope: Scope,
  own: Tolerance | undefined,
): readonly Difference[] {
  const toleranceOf = (item: Item): Acceptance | undefined => scope.child(item).tolerance()?.accepts;
  const isList = (item: Item): boolean => {
    const accepts = own?.accepts === "fields-in-any-order" ? "any-order" : toleranceOf(item);
    return accepts === "any-order" || accepts === "at-least";
  };
  const bothHave = (tag: number): boolean =>
    expected.some(({ item }) => item.tag === tag) && actual.some((item) => item.tag === tag);
  const isLeftOut = (item: Item): boolean => toleranceOf(item) === "optional" && !bothHave(item.tag);
  const lists = compareLists(
    expected.filter(({ item }) => isList(item)),
    actual.filter(isList),
    scope,
  );
  const inOrder = compareInOrder(
    expected.filter(({ item }) => !isList(item) && !isLeftOut(item)),
    actual.filter((item) => !isList(item) && !isLeftOut(item)),
    scope,
  );
  return [...inOrder, ...lists];
}

/** Compares field by field; after a field that is missing or too many, goes on with those that belong together. */
function compareInOrder(
  expected: readonly ExpectedItem[],
  actual: readonly Item[],
  scope: Scope,
): readonly Difference[] {
  const differences: Difference[] = [];
  const wanted = [...expected];
  const answered = [...actual];
  while (wanted.length > 0 || answered.length > 0) {
    const [next] = wanted;
    const [found] = answered;
    const isExtra = found !== undefined && !wanted.some(({ item }) => item.tag === found.tag);
    const isLacking = next !== undefined && !answered.some(({ tag }) => tag === next.item.tag);
    differences.push(...compareOne(next, found, scope));
    if (!isExtra || isLacking) wanted.shift();
    if (!isLacking || isExtra) answered.shift();
  }
  return differences;
}

function compareOne(wanted: ExpectedItem | undefined, answered: Item | undefined, scope: Scope): readonly Difference[] {
  if (wanted === undefined || answered === undefined) {
    const present = wanted?.item ?? answered;
    if (present === undefined) return [];
    const difference = {
      path: scope.child(present).path,
      expected: wanted === undefined ? "nothing" : describeExpected(wanted),
      actual: describeItem(answered),
    };
    return [difference];
  }
  return compare(wanted, answered, scope.child(wanted.item, answered));
}

function compareLists(expected: readonly ExpectedItem[], actual: readonly Item[], scope: Scope): readonly Difference[] {
  const { pairs, missing, extra } = pair(expected, actual);
  const surplus = extra.filter((item) => scope.child(item).tolerance()?.accepts !== "at-least");
  return [
    ...pairs.flatMap(([wanted, answered]) => compareOne(wanted, answered, scope)),
    ...missing.flatMap((lacking) => compareOne(lacking, undefined, scope)),
    ...surplus.flatMap((item) => compareOne(undefined, item, scope)),
  ];
}
