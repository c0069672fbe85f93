import {
  type ReadStep,
  type StandIn,
  structureOf,
  type Transcript,
  type TranscriptItem,
} from "#protocol/encodings/transcript/step.js";
import { standInFor } from "#protocol/encodings/transcript/values.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { leafText } from "../bindings.js";

/** The tags whose values a server chooses, and by which clients speak of what it made. */
const chosenByServer: ReadonlySet<number> = new Set([
  Tag.UniqueIdentifier,
  Tag.PrivateKeyUniqueIdentifier,
  Tag.PublicKeyUniqueIdentifier,
  Tag.ReplacedUniqueIdentifier,
  Tag.LinkedObjectIdentifier,
  Tag.ShortUniqueIdentifier,
  Tag.AsynchronousCorrelationValue,
  Tag.CorrelationValue,
  Tag.NonceID,
  Tag.NonceValue,
]);

/** Shorter values may be equal by chance to something else. */
const shortestChosen = 8;

function isChosen(item: Item): boolean {
  const isTold = item.type === ItemType.TextString || item.type === ItemType.ByteString;
  return isTold && chosenByServer.has(item.tag) && item.value.length >= shortestChosen;
}

/** A recording made ready to be played elsewhere. */
export interface Playable {
  readonly transcript: Transcript;
  readonly notes: readonly string[];
}

/**
 * Puts variables in place of what another server chooses otherwise: identifiers and correlation values that an answer
 * of the recording gave first. Time Stamps of requests become the moment of sending. Credentials whose password was
 * redacted are left out, unless the variable `password` is given. What requests name first stays as it is and is noted.
 */
export function asRecorded(recorded: Transcript, variables: ReadonlyMap<string, string> = new Map()): Playable {
  const names = new Map<string, string>();
  const notes = new Set<string>();
  const steps: ReadStep[] = [];
  for (const step of recorded.steps) {
    if ((step.kind !== "send" && step.kind !== "receive") || step.message === undefined) {
      steps.push(step);
      continue;
    }
    if (step.kind === "receive") nameChosen(step.message, names);
    else noteForeign(step.message, names, notes);
    const message = step.kind === "send" ? readyToSend(step.message, variables, notes) : step.message;
    steps.push({ ...step, message: withVariables(message, names) });
  }
  return { transcript: { heading: recorded.heading, steps }, notes: [...notes] };
}

function nameChosen({ item, standIn, children }: TranscriptItem, names: Map<string, string>): void {
  for (const child of children) nameChosen(child, names);
  if (standIn !== undefined || !isChosen(item) || names.has(leafText(item))) return;
  names.set(leafText(item), `chosen-${names.size + 1}`);
}

/** Notes the objects that a request names and no answer before it: they were there before the recording. */
function noteForeign(
  { item, standIn, children }: TranscriptItem,
  names: Map<string, string>,
  notes: Set<string>,
): void {
  for (const child of children) noteForeign(child, names, notes);
  if (standIn !== undefined || !isChosen(item) || names.has(leafText(item))) return;
  if (item.tag === Tag.UniqueIdentifier && notes.size < 20) {
    notes.add(`object ${leafText(item)} was there before the recording began: the server must have it`);
  }
}

function withVariables(each: TranscriptItem, names: ReadonlyMap<string, string>): TranscriptItem {
  const { item, standIn, children } = each;
  if (standIn !== undefined) return each;
  if (item.type === ItemType.Structure) {
    return structureOf(
      item.tag,
      children.map((child) => withVariables(child, names)),
    );
  }
  const isNamed = item.type === ItemType.TextString || item.type === ItemType.ByteString;
  const name = isNamed ? names.get(leafText(item)) : undefined;
  return name === undefined ? each : standInFor(item, { kind: "variable", name });
}

function readyToSend(
  message: TranscriptItem,
  variables: ReadonlyMap<string, string>,
  notes: Set<string>,
): TranscriptItem {
  const children = message.children.map((part) =>
    part.item.tag === Tag.RequestHeader ? headerToSend(part, variables, notes) : part,
  );
  return structureOf(message.item.tag, children);
}

function headerToSend(
  header: TranscriptItem,
  variables: ReadonlyMap<string, string>,
  notes: Set<string>,
): TranscriptItem {
  const now: StandIn = { kind: "now", offset: 0 };
  const children = header.children.flatMap((field) => {
    if (field.item.tag === Tag.TimeStamp && field.standIn === undefined) return [standInFor(field.item, now)];
    if (field.item.tag !== Tag.Authentication || !holdsRedacted(field)) return [field];
    if (variables.has("password")) return [withPassword(field)];
    notes.add("credentials are left out, since their passwords were redacted: --variable password=TEXT sends them");
    return [];
  });
  return structureOf(header.item.tag, children);
}

function holdsRedacted({ standIn, children }: TranscriptItem): boolean {
  return standIn?.kind === "redacted" || children.some(holdsRedacted);
}

function withPassword(each: TranscriptItem): TranscriptItem {
  const { item, standIn, children } = each;
  if (item.tag === Tag.Password && standIn !== undefined)
    return standInFor(item, { kind: "variable", name: "password" });
  return children.length === 0 ? each : structureOf(item.tag, children.map(withPassword));
}
