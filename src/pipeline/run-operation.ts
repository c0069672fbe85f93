import { MessageError } from "#protocol/schema/error.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { Cryptography } from "#src/crypto/cryptography.js";
import type { Partition } from "#src/crypto/port.js";
import { Authorities } from "#src/inventory/authorities.js";
import { KeyKeeper } from "#src/inventory/key-keeper.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import type { OperationContext } from "#src/operations/contract/context.js";
import type { Operation } from "#src/operations/contract/operation.js";
import { change } from "#storage/changes.js";
import type { IntentRow } from "#storage/types.js";
import { asynchronousRequestsOf } from "./asynchronous/requests.js";
import { auditRecord } from "./audit-record.js";
import { authoriseCaller } from "./authorise-caller.js";
import { checkOwner, demandOwner } from "./check-owner.js";
import { checkObject, checkTarget } from "./check-target.js";
import { checkTicket } from "./check-ticket.js";
import { commitAudited } from "./commit-audited.js";
import { demandRoom } from "./demand-room.js";
import { found, type ItemState } from "./item.js";
import { aheadOfRequest } from "./open-outcome.js";
import { inventoryWithin } from "./reachable.js";
import { demandOffered } from "./recognise-operation.js";
import { findObject, recordedIdentifier, resolveTarget } from "./resolve-target.js";
import { askerOf } from "./turns/work-sharing.js";

/** Lets the operation do its work. What it changes is still only in memory, keys of `token` custody apart. */
export async function runOperation(state: ItemState): Promise<void> {
  const operation = found(state.operation, "operation");
  const response = await operation.run(await contextOf(state), state.payload);
  if (state.answer !== undefined) return;
  const payload = write(operation, response, state);
  state.responsePayload = state.item?.ephemeral === true ? withoutData(payload) : payload;
  state.placeholderValues = operation.placeholder?.(response) ?? {};
  const value = operation.output?.of(response);
  if (operation.output !== undefined && value !== undefined) {
    state.output = { reference: operation.output.reference, value };
  }
}

/** The fields in which operations give their output. */
const outputTags: ReadonlySet<number> = new Set([Tag.Data, Tag.SignatureData, Tag.MACData]);

/** What is answered of an item whose data shall not be returned to the client (KMIP 2.1 §8.3, Ephemeral). */
function withoutData(payload: Item): Item {
  if (payload.type !== ItemType.Structure) return payload;
  return { ...payload, value: payload.value.filter(({ tag }) => !outputTags.has(tag)) };
}

/** The payload is written before anything is committed: what cannot be told in the version has not happened. */
function write(operation: Operation, response: unknown, { request }: ItemState): Item {
  try {
    return operation.response.encode(Tag.ResponsePayload, response, { version: request.version });
  } catch (error) {
    if (!(error instanceof MessageError)) throw error;
    throw new KmipError("InternalServerError", "the answer cannot be written in this version", { cause: error });
  }
}

/** What an operation is handed. */
export async function contextOf(state: ItemState): Promise<OperationContext> {
  const { services, request, changes } = state;
  const { tenantId, defaultCustody } = request.caller;
  const partition = await services.partitionOf(tenantId);
  const keys = new KeyKeeper({
    tenantId,
    nodeId: services.nodeId,
    defaultCustody,
    partition,
    changes,
    gate: services.sharing.keysOf(askerOf(request.caller), request.aside),
    recordIntent: (intent) => recordIntent(state, intent),
    nowMilliseconds: () => services.clock.wallMilliseconds(),
  });
  return {
    request,
    version: request.version,
    now: request.now,
    tenantId,
    get target(): ManagedObject {
      return found(state.target, "object");
    },
    hasPlaceholder: state.placeholder.isSet,
    async named(naming, rules): Promise<ManagedObject> {
      const identifier = state.placeholder.resolve(naming);
      state.objectId ??= recordedIdentifier(identifier);
      const object = await findObject(state, identifier);
      await demandOwner(state, object);
      checkObject(rules, object, request.now);
      return object;
    },
    demandOwner: (object) => demandOwner(state, object),
    partition,
    cryptography: cryptographyOf(state, partition),
    streams: services.streams,
    item: state.tree,
    keys,
    inventory: inventoryWithin(state),
    authorities: authoritiesWithin(state, partition),
    changes,
    tickets: services.credentials.tickets,
    deployment: services.deployment,
    cryptoki: services.cryptoki,
    perform: (operation, payload) => perform(state, operation, payload),
    note: (words) => {
      state.notes = { ...state.notes, ...words };
    },
    asynchronous: asynchronousRequestsOf(services, request),
    answerWith: (answer) => {
      state.answer = answer;
    },
  };
}

/** Records that a key is about to be made in the token. Throws StorageError; then none is. */
async function recordIntent(state: ItemState, intent: IntentRow): Promise<void> {
  const record = {
    ...auditRecord(state, { outcome: "intent", reason: null, microseconds: null }),
    objectId: intent.objectId,
  };
  const changes = [change("intents", "open", intent)];
  await commitAudited(state.services, { changes, records: [record] }).catch((error: unknown) => {
    throw aheadOfRequest(error);
  });
}

/** Cryptography as the tenant is set. */
function cryptographyOf({ services, request: { caller } }: ItemState, partition: Partition): Cryptography {
  const { softwareCryptography, pkcs1Decryptions } = caller.settings;
  return new Cryptography({
    partition,
    softwareAllowed: softwareCryptography,
    decryptions: services.decryptions.of(caller.tenantId, pkcs1Decryptions),
  });
}

/** The authorities of the tenant, old generations included. */
function authoritiesWithin({ services, request: { caller }, changes }: ItemState, partition: Partition): Authorities {
  const rows = services.database.read.certificateAuthorities;
  return new Authorities({ tenantId: caller.tenantId, rows, partition, changes, damaged: services.store.damaged });
}

/** Another operation for the item: the steps that stand before every operation, then the operation. */
async function perform<Response>(outer: ItemState, operation: Operation, payload: unknown): Promise<Response> {
  const { services, request, placeholder, changes, tree, eventId } = outer;
  const state: ItemState = { services, request, placeholder, changes, tree, eventId, operation, payload };
  demandOffered(state, services.operation(operation.code));
  authoriseCaller(state);
  demandRoom(services, operation);
  await resolveTarget(state);
  if (state.objectId !== undefined) outer.objectId = state.objectId;
  checkTarget(state);
  await checkOwner(state);
  checkTicket(state);
  return (await operation.run(await contextOf(state), payload)) as Response;
}
