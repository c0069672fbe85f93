import { Tag } from "#protocol/tags.js";
import { ItemType } from "#protocol/ttlv/item.js";
import { inSpan, type ProtocolVersion } from "#protocol/versions.js";
import type { Caller } from "#src/access/caller.js";
import { specifiedBehaviour } from "#src/access/client-profiles.js";
import { unlimited } from "#src/access/quota.js";
import { tenantSettings } from "#src/access/tenant-settings.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { clientOperations } from "#src/operations/to-clients/index.js";
import type { DeliveryRow, DestinationRow } from "#storage/destination-types.js";
import { newIdentifier } from "#storage/identifiers.js";
import { checkObject } from "../check-target.js";
import type { ItemState } from "../item.js";
import { Placeholder } from "../placeholder.js";
import { findObject } from "../resolve-target.js";
import { newChanges } from "../run-item.js";
import { contextOf } from "../run-operation.js";
import type { Services } from "../services.js";
import type { ServerRequest } from "./messages.js";

/**
 * The request that a delivery stands for, about its object as it is now. Throws KmipError where the object may not be
 * sent, or not in this version, DestinationHeld and CryptoError.
 */
export async function composeDelivery(
  services: Services,
  destination: DestinationRow,
  delivery: DeliveryRow,
  version: ProtocolVersion,
): Promise<ServerRequest> {
  const operation = clientOperations.find(({ code }) => code === delivery.operation);
  if (operation === undefined || !inSpan(operation.versions, version)) {
    throw new KmipError("OperationNotSupported", "the operation is none of this version");
  }
  const now = Math.floor(services.clock.wallMilliseconds() / 1000);
  const state: ItemState = {
    services,
    request: {
      version,
      header: { protocolVersion: version, attestationType: [], batchCount: 1 },
      caller: await callerFor(services, destination),
      attestationRefusal: undefined,
      sourceAddress: "",
      correlationId: delivery.id,
      now,
    },
    placeholder: new Placeholder(),
    changes: newChanges({ version }),
    tree: { tag: Tag.BatchItem, type: ItemType.Structure, value: [] },
    eventId: newIdentifier(),
  };
  const object = await findObject(state, delivery.objectId);
  checkObject(operation.rules, object, now);
  const request = await operation.compose(await contextOf(state), object, JSON.parse(delivery.detail));
  const payload = operation.request.encode(Tag.RequestPayload, request, { version });
  return { version, operation: operation.code, payload, now, correlationId: delivery.id };
}

/** Nothing may be sent to a destination as things stand; it waits, as long as messages wait. */
export class DestinationHeld extends Error {
  override readonly name = "DestinationHeld";
}

/**
 * Nobody asks: what is done for a destination is done for the tenant, as its operator set it. Throws DestinationHeld
 * where the tenant is suspended or the client that would get it revoked, which another node may be the first to know.
 */
async function callerFor({ database }: Services, destination: DestinationRow): Promise<Caller> {
  const tenant = await database.read.tenants.byId(destination.tenantId);
  if (tenant === null) throw new KmipError("ItemNotFound", "the tenant of the destination is gone");
  if (tenant.state !== "active") throw new DestinationHeld("the tenant is suspended");
  if (destination.clientId !== null) {
    const found = await database.read.clients.registered(tenant.id, destination.clientId);
    if (found?.client.state !== "active") throw new DestinationHeld("the client is revoked");
  }
  return {
    tenantId: tenant.id,
    tenantName: tenant.name,
    clientId: destination.id,
    clientName: destination.name,
    certificateFingerprint: null,
    defaultCustody: tenant.custodyDefault,
    permissions: new Set(),
    attestation: undefined,
    behaviour: specifiedBehaviour,
    quota: unlimited,
    settings: tenantSettings(await database.read.tenantSettings.list(tenant.id)),
  };
}
