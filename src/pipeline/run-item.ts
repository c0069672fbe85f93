import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { V2_1 } from "#protocol/versions.js";
import { ChangeSet } from "#src/inventory/change-set.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { RequestContext } from "#src/operations/contract/context.js";
import type { Change } from "#storage/changes.js";
import { StorageError } from "#storage/errors.js";
import { newIdentifier } from "#storage/identifiers.js";
import type { Deferral } from "./asynchronous/deferral.js";
import { auditRecord } from "./audit-record.js";
import { authoriseCaller } from "./authorise-caller.js";
import { checkAttestation } from "./check-attestation.js";
import { checkConstraints } from "./check-constraints.js";
import { checkOwner, recordOwner } from "./check-owner.js";
import { checkTarget } from "./check-target.js";
import { checkTicket } from "./check-ticket.js";
import { commitEnding, commitWork, discardWork } from "./commit.js";
import type { Ending } from "./commit-audited.js";
import { demandRoom } from "./demand-room.js";
import { expandTemplates } from "./expand-templates.js";
import { failureOf, isOutcomeUnknown } from "./failure.js";
import { found, type ItemState, type Step } from "./item.js";
import { NotCommitted } from "./open-outcome.js";
import type { LeftByItem, Placeholder } from "./placeholder.js";
import { readItem } from "./read-item.js";
import { readPayload } from "./read-payload.js";
import { recogniseOperation } from "./recognise-operation.js";
import { resolveData } from "./resolve-data.js";
import { resolveLinks } from "./resolve-links.js";
import { resolveTarget } from "./resolve-target.js";
import type { ResponseRoom } from "./response-room.js";
import { runOperation } from "./run-operation.js";
import type { Services } from "./services.js";

/**
 * The way of every batch item: no operation is reached but through all of these. An item that is put off goes as far as
 * `opening` when it comes in, and all the way when it is worked on.
 */
const recognising: readonly Step[] = [readItem, recogniseOperation];
const opening: readonly Step[] = [authoriseCaller, checkAttestation, readPayload];
const performing: readonly Step[] = [
  resolveData,
  resolveLinks,
  resolveTarget,
  checkTarget,
  checkOwner,
  checkTicket,
  expandTemplates,
  runOperation,
  checkConstraints,
  recordOwner,
];

/** Tries of a unit of work whose object another request changed in between. */
const maximumTries = 8;

/** What a request changes: since 2.1 it is refused a name that another object has (KMIP 2.1 §4.32, §6.1.8). */
export function newChanges({ version }: Pick<RequestContext, "version">): ChangeSet {
  return new ChangeSet({ namesMustBeFree: version >= V2_1 });
}

/** A batch item at its end: the state the steps left, and the error where it failed. */
export interface FinishedItem {
  readonly state: ItemState;
  readonly error: KmipError | undefined;
  readonly microseconds: number;
  /** Nothing of its end is known to stand in the database, which does not take it: it may be tried again. */
  readonly isOpen?: boolean;
}

/** What is needed to start an item. */
export interface ItemStart {
  readonly services: Services;
  readonly request: RequestContext;
  readonly placeholder: Placeholder;
  readonly tree: Item;
  /** Where given, decides whether the item is put off. */
  readonly deferral?: Deferral;
  /** Asked before the item is begun; what it gives, the item fails with. */
  readonly refusal?: () => KmipError | undefined;
  /** What is left of the size of the answer that the client can take; absent where it takes any. */
  readonly room?: ResponseRoom | undefined;
  /** Where given, what else is committed with the end of the item. */
  readonly settle?: Settle;
}

/** Gives what is to be committed with the end of an item. Throws KmipError where it must not end so. */
export type Settle = (reached: Pick<FinishedItem, "state">, error: KmipError | undefined) => Promise<readonly Change[]>;

/**
 * Runs one batch item as a unit of work of its own: its changes and its audit record are durable when this resolves.
 * Never throws: what cannot be recorded has failed.
 */
export async function runItemAlone(start: ItemStart): Promise<FinishedItem> {
  const began = start.services.clock.steadyMicroseconds();
  for (let tries = 1; tries < maximumTries; tries++) {
    const finished = await attempt(start, began, false);
    if (finished !== "conflict") return finished;
  }
  const last = await attempt(start, began, true);
  if (last === "conflict") throw new TypeError("the last try of an item ends it");
  return last;
}

/** One try. A conflict ends it without a trace, so that the next one starts afresh, unless it is the last. */
async function attempt(start: ItemStart, began: number, isLast: boolean): Promise<FinishedItem | "conflict"> {
  const { services, request } = start;
  const state = freshState(start, newChanges(request));
  try {
    const isPutOff = await go(start, state);
    for (const each of (await start.settle?.({ state }, undefined)) ?? []) state.changes.add(each);
    const microseconds = services.clock.steadyMicroseconds() - began;
    const record = auditRecord(state, { outcome: isPutOff ? "pending" : "success", reason: null, microseconds });
    await commitWork(services, {
      tenantId: request.caller.tenantId,
      changes: state.changes,
      records: [record],
      instead: (reason) => failureOfItem(start, state, failureOf(reason, request.correlationId).error, microseconds),
    });
    return finish(start, state, undefined, microseconds);
  } catch (thrown) {
    await discardWork(services, state.changes, thrown);
    if (!isLast && thrown instanceof StorageError && thrown.code === "conflict") return "conflict";
    return recordFailure(start, state, thrown, began);
  }
}

/** Takes the steps; gives whether the item was put off instead of performed. */
async function go(
  { services, deferral, refusal, tree, placeholder, room }: ItemStart,
  state: ItemState,
): Promise<boolean> {
  for (const step of recognising) await step(state);
  const refused = refusal?.();
  if (refused !== undefined) throw refused;
  for (const step of opening) await step(state);
  const operation = found(state.operation, "operation");
  demandRoom(services, operation);
  if (deferral?.takes(operation) === true) {
    state.answer = await deferral.submit(tree, operation.code, { placeholder, changes: state.changes });
    return true;
  }
  for (const step of performing) await step(state);
  room?.check(state);
  return false;
}

/** Runs one item of a batch that is undone as a whole: its changes join those of the batch, nothing is committed. */
export async function runItemTogether(start: ItemStart, changes: ChangeSet): Promise<FinishedItem> {
  const { services } = start;
  const began = services.clock.steadyMicroseconds();
  const state = freshState(start, changes);
  try {
    await go(start, state);
    return finish(start, state, undefined, services.clock.steadyMicroseconds() - began);
  } catch (thrown) {
    const { error } = explain(services, state, thrown);
    return finish(start, state, error, services.clock.steadyMicroseconds() - began);
  }
}

function freshState({ services, request, placeholder, tree }: ItemStart, changes: ChangeSet): ItemState {
  return { services, request, placeholder, tree, changes, eventId: newIdentifier() };
}

/** What is committed where an item has failed. Throws where its end cannot be written so. */
async function failureOfItem(
  start: ItemStart,
  state: ItemState,
  error: KmipError,
  microseconds: number,
): Promise<Ending> {
  const record = auditRecord(state, { outcome: "failure", reason: error.reason, microseconds });
  return { changes: (await start.settle?.({ state }, error)) ?? [], records: [record] };
}

async function recordFailure(
  start: ItemStart,
  state: ItemState,
  thrown: unknown,
  began: number,
): Promise<FinishedItem> {
  const { services } = state;
  const { error } = explain(services, state, thrown);
  const microseconds = services.clock.steadyMicroseconds() - began;
  // The failure stands already.
  if (thrown instanceof NotCommitted) return finish(start, state, error, microseconds);
  // Nobody knows yet whether the success does, and the time to find out is over.
  if (isOutcomeUnknown(thrown)) return { ...finish(start, state, error, microseconds), isOpen: true };
  try {
    await commitEnding(services, await failureOfItem(start, state, error, microseconds));
    return finish(start, state, error, microseconds);
  } catch (unrecorded) {
    const told = explain(services, state, unrecorded).error;
    return { ...finish(start, state, told, microseconds), isOpen: !(unrecorded instanceof KmipError) };
  }
}

function explain(services: Services, state: ItemState, thrown: unknown): { error: KmipError } {
  const { correlationId } = state.request;
  const { error, severity } = failureOf(thrown, correlationId);
  const fields = { correlationId, operation: state.operation?.name, reason: error.reason, error: error.cause ?? error };
  if (severity === "fault") services.log.error(fields, "a request failed for a reason on our side");
  else services.log.debug(fields, "a request was refused");
  return { error };
}

function finish(start: ItemStart, state: ItemState, error: KmipError | undefined, microseconds: number): FinishedItem {
  if (error === undefined) {
    state.placeholder.itemDone(leftByItem(state));
  } else state.placeholder.itemFailed();
  start.room?.itemDone({ state, error });
  const outcome = error === undefined ? "success" : error.reason;
  state.services.metrics.itemDone(state.operation?.name ?? "(unknown)", outcome, microseconds);
  return { state, error, microseconds };
}

/** What a successful item leaves for those behind it. */
export function leftByItem(state: ItemState): LeftByItem {
  return {
    values: state.placeholderValues ?? {},
    identifiers: () => identifiersIn(state),
    data: { output: state.output, told: () => dataIn(state) },
  };
}

const identifierTags: ReadonlySet<number> = new Set([
  Tag.UniqueIdentifier,
  Tag.PrivateKeyUniqueIdentifier,
  Tag.PublicKeyUniqueIdentifier,
]);

/** The identifiers an answer tells, in their order. */
function identifiersIn({ responsePayload }: ItemState): readonly string[] {
  if (responsePayload?.type !== ItemType.Structure) return [];
  return responsePayload.value.flatMap((item) =>
    identifierTags.has(item.tag) && item.type === ItemType.TextString ? [item.value] : [],
  );
}

/** The Data an answer tells. */
function dataIn({ responsePayload }: ItemState): readonly Buffer[] {
  if (responsePayload?.type !== ItemType.Structure) return [];
  return responsePayload.value.flatMap((item) =>
    item.tag === Tag.Data && item.type === ItemType.ByteString ? [item.value] : [],
  );
}
