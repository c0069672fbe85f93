import { BatchErrorContinuationOption } from "#protocol/enums/index.js";
import { requestHeader } from "#protocol/messages/header.js";
import { callerOf, type FoundClient, refusalOf } from "#src/access/caller.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { AsynchronousRequestRow } from "#storage/asynchronous-types.js";
import { type Change, change } from "#storage/changes.js";
import { StorageError } from "#storage/errors.js";
import { Placeholder } from "../placeholder.js";
import { type FinishedItem, type ItemStart, leftByItem, runItemAlone, type Settle } from "../run-item.js";
import { runUnit } from "../run-unit.js";
import type { Services } from "../services.js";
import { openAnswer, openRequest, type RequestDocument, sealAnswer } from "./documents.js";

/** Opens a row of the run. */
interface OpenedItem {
  readonly row: AsynchronousRequestRow;
  readonly document: RequestDocument;
}

/**
 * Works on the asynchronous items of a batch, in their order and through the same steps as any other item. The end of
 * an item is recorded in the transaction that makes its changes true, and only while the run still has the item: what
 * was canceled, or taken over after a crash, takes no effect here. Throws CryptoError and StorageError where the work
 * cannot be gone on with; the items that have not ended are taken up again later.
 */
export async function performClaimed(
  services: Services,
  batch: { readonly batchId: string; readonly claim: string },
): Promise<void> {
  const { batchId, claim } = batch;
  const rows = await services.database.read.asynchronousRequests.ofBatch(batchId);
  const mine = rows.filter((row) => row.state === "running" && row.claim === claim);
  const opened: OpenedItem[] = [];
  for (const row of mine) {
    if (row.sealedRequest === null) throw new TypeError("an asynchronous request holds nothing to be done");
    opened.push({ row, document: await openRequest(services.asynchronous.sealing, row, row.sealedRequest) });
  }
  const [first] = opened;
  if (first === undefined) return;
  const before = rows.filter(({ position }) => position < first.row.position);
  const placeholder = await placeholderBefore(services, first.document, before);
  if (first.row.isUnit) await performUnit(services, opened, placeholder);
  else await performInTurn(services, opened, placeholder, before.some(hasFailed));
}

/** The placeholder as the items before left it. */
async function placeholderBefore(
  services: Services,
  first: RequestDocument,
  before: readonly AsynchronousRequestRow[],
): Promise<Placeholder> {
  const last = before.at(-1);
  if (last === undefined) return Placeholder.from(first.placeholder);
  if (last.sealedAnswer === null) return new Placeholder();
  const answer = await openAnswer(services.asynchronous.sealing, last, last.sealedAnswer);
  return Placeholder.from(answer.placeholder);
}

function hasFailed({ state }: AsynchronousRequestRow): boolean {
  return state === "failed" || state === "canceled";
}

async function performInTurn(
  services: Services,
  opened: readonly OpenedItem[],
  placeholder: Placeholder,
  failedBefore: boolean,
): Promise<void> {
  let isStopped = failedBefore;
  for (const item of opened) {
    const continues = item.document.continuation === BatchErrorContinuationOption.Continue;
    const refusal = isStopped && !continues ? notReached() : undefined;
    const start = await startOf(services, item, placeholder, refusal);
    const { error, isOpen } = await runItemAlone({ ...start, settle: settleWith(services, item, placeholder) });
    demandEnd(isOpen);
    isStopped ||= error !== undefined;
  }
}

function notReached(): KmipError {
  return new KmipError("GeneralFailure", "an item before this one failed, and the batch was to stop there");
}

async function performUnit(services: Services, opened: readonly OpenedItem[], placeholder: Placeholder): Promise<void> {
  const starts: ItemStart[] = [];
  for (const item of opened) starts.push(await startOf(services, item, placeholder, undefined));
  const { isOpen } = await runUnit(services, starts, async (finished, isUndone) => {
    const changes: Change[] = [];
    for (const [index, item] of opened.entries()) {
      const reached = finished[index];
      const error = reached === undefined ? notReached() : reached.error;
      changes.push(await ending(services, item, { placeholder, error, reached, isUndone }));
    }
    return changes;
  });
  demandEnd(isOpen);
}

/** What has no end in the database is given back, and refused to a commit of this run that comes true after that. */
function demandEnd(isOpen = false): void {
  if (isOpen) throw new StorageError("unavailable", "the end of an asynchronous request could not be recorded");
}

/** What is needed to run an item now, by whoever its client is now. */
async function startOf(
  services: Services,
  { document, row }: OpenedItem,
  placeholder: Placeholder,
  refusal: KmipError | undefined,
): Promise<ItemStart> {
  const { version, sourceAddress, correlationId } = document;
  const milliseconds = services.clock.wallMilliseconds();
  const client = await clientOf(services, row, document);
  const refused = refusalOf(client, milliseconds);
  const request = {
    version,
    header: requestHeader.decode(document.header, { version }),
    caller: { ...callerOf(client), ...(document.subject !== undefined && { subject: document.subject }) },
    // What had to be proven was proven when the request came.
    attestationRefusal: undefined,
    sourceAddress,
    correlationId,
    now: Math.floor(milliseconds / 1000),
  };
  const unfit = refused === undefined ? refusal : new KmipError("AuthenticationNotSuccessful", refused);
  return { services, request, placeholder, tree: document.item, refusal: () => unfit };
}

/** The client that submitted a request, as it is registered now. */
async function clientOf(
  services: Services,
  { tenantId, clientId }: AsynchronousRequestRow,
  { certificateFingerprint }: RequestDocument,
): Promise<FoundClient> {
  const byCertificate = certificateFingerprint === null ? null : await services.identities.find(certificateFingerprint);
  if (byCertificate?.client.id === clientId) return byCertificate;
  const registered = await services.database.read.clients.registered(tenantId, clientId);
  if (registered === null) throw new TypeError("the client of an asynchronous request is gone");
  return registered;
}

/** Gives the change that records the end of an item. Throws KmipError where the run has lost the item. */
function settleWith(services: Services, item: OpenedItem, placeholder: Placeholder): Settle {
  return async (reached, error) => {
    const { tenantId, id, claim } = item.row;
    const now = await services.database.read.asynchronousRequests.byId(tenantId, id);
    if (now?.state !== "running" || now.claim !== claim) {
      throw new KmipError("OperationCanceledByRequester", "the request was canceled while it was worked on");
    }
    return [await ending(services, item, { placeholder, error, reached, isUndone: false })];
  };
}

async function ending(
  services: Services,
  { row, document }: OpenedItem,
  told: {
    readonly placeholder: Placeholder;
    readonly error: KmipError | undefined;
    readonly reached: Pick<FinishedItem, "state"> | undefined;
    readonly isUndone: boolean;
  },
): Promise<Change> {
  const { placeholder, error, reached, isUndone } = told;
  const sealedAnswer = await sealAnswer(services.asynchronous.sealing, row, {
    version: document.version,
    placeholder: placeholder.after(error === undefined ? leftBy(reached) : undefined).snapshot(),
    payload: error === undefined ? reached?.state.responsePayload : undefined,
    failure: error && { reason: error.reason, message: error.message, oneXReason: error.oneXReason },
  });
  const { tenantId, id, claim } = row;
  if (claim === null) throw new TypeError("an item is worked on by nobody");
  const ended = isUndone ? "undone" : "succeeded";
  const state = error === undefined ? ended : "failed";
  return change("asynchronousRequests", "finish", { tenantId, id, claim, state, sealedAnswer });
}

function leftBy(reached: Pick<FinishedItem, "state"> | undefined): ReturnType<typeof leftByItem> | undefined {
  return reached === undefined ? undefined : leftByItem(reached.state);
}
