import { randomUUID } from "node:crypto";
import { MessageError } from "#protocol/schema/error.js";
import { type ProtocolVersion, V1_0, V1_1, V1_4, V2_1 } from "#protocol/versions.js";
import type { Endpoint } from "#src/jobs/deliverer.js";
import type { Channel } from "#src/net/exchange.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { Services } from "#src/pipeline/services.js";
import { composeDelivery } from "#src/pipeline/to-clients/compose.js";
import {
  ClientRefusal,
  discoverVersions,
  encodeServerRequest,
  queryOperations,
  readClientAnswer,
} from "#src/pipeline/to-clients/messages.js";
import type { DestinationRow } from "#storage/destination-types.js";

/** What the server learned of the client at the other end of a channel. */
export interface Acquaintance {
  readonly version: ProtocolVersion;
  /** The operations the client performs; undefined where it did not say. */
  readonly operations: readonly number[] | undefined;
}

/** In which versions a client is asked for the versions it speaks, one after the other. */
const askedIn: readonly ProtocolVersion[] = [V2_1, V1_4, V1_1];

/**
 * Asks the client which versions it speaks and which operations it performs (KMIP 2.1 §6.2.1, §6.2.4). A client that
 * answers neither is spoken to in 1.0. Rejects with ChannelError.
 */
export async function greet(channel: Channel): Promise<Acquaintance> {
  for (const version of askedIn) {
    const answer = await asked(channel, version, discoverVersions.operation, discoverVersions.payload(version));
    const best = answer === undefined ? undefined : discoverVersions.best(answer, version);
    if (best !== undefined) return { version: best, operations: await operationsOf(channel, best) };
  }
  return { version: V1_0, operations: await operationsOf(channel, V1_0) };
}

async function operationsOf(channel: Channel, version: ProtocolVersion): Promise<readonly number[] | undefined> {
  const answer = await asked(channel, version, queryOperations.operation, queryOperations.payload(version));
  return answer === undefined ? undefined : queryOperations.told(answer, version);
}

async function asked(
  channel: Channel,
  version: ProtocolVersion,
  operation: number,
  payload: Parameters<typeof encodeServerRequest>[0]["payload"],
): Promise<ReturnType<typeof readClientAnswer>> {
  const now = Math.floor(Date.now() / 1000);
  const request = encodeServerRequest({ version, operation, payload, now, correlationId: randomUUID() });
  try {
    return readClientAnswer(await channel.request(request), version);
  } catch (error) {
    if (error instanceof ClientRefusal || error instanceof MessageError) return undefined;
    throw error;
  }
}

/** The client of a destination over an open channel. */
export function endpointOver(
  services: Services,
  destination: DestinationRow,
  channel: Channel,
  { version, operations }: Acquaintance,
  close: () => void,
): Endpoint {
  return {
    close,
    async deliver(delivery) {
      if (operations !== undefined && !operations.includes(delivery.operation)) {
        return { reason: "OperationNotSupported", version };
      }
      try {
        const request = await composeDelivery(services, destination, delivery, version);
        readClientAnswer(await channel.request(encodeServerRequest(request)), version);
        return { reason: null, version };
      } catch (error) {
        if (error instanceof ClientRefusal) return { reason: error.reason, version };
        if (error instanceof KmipError && error.reason !== "InternalServerError")
          return { reason: error.reason, version };
        throw error;
      }
    },
  };
}
