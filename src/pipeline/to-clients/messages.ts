import { Operation, QueryFunction, ResultReasonTable, ResultStatus } from "#protocol/enums/index.js";
import { enumerationName } from "#protocol/enums/table.js";
import { responseMessage } from "#protocol/messages/message.js";
import { encodeRequest } from "#protocol/messages/requests.js";
import {
  type DiscoverVersionsResponse,
  discoverVersionsRequest,
  discoverVersionsResponse,
} from "#protocol/payloads/discover-versions.js";
import { type QueryResponse, queryRequest, queryResponse } from "#protocol/payloads/query.js";
import { MessageError } from "#protocol/schema/error.js";
import { Tag } from "#protocol/tags.js";
import { TtlvError } from "#protocol/ttlv/error.js";
import type { Item } from "#protocol/ttlv/item.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { type ProtocolVersion, supportedVersions } from "#protocol/versions.js";

/** A request of the server: one operation, in one version. */
export interface ServerRequest {
  readonly version: ProtocolVersion;
  readonly operation: number;
  readonly payload: Item;
  /** Seconds since 1970, UTC. */
  readonly now: number;
  /** Names the request in our log and audit (KMIP 2.1 §9.10). */
  readonly correlationId: string;
}

/** The client refused the request, or answered something that is no answer to it. */
export class ClientRefusal extends Error {
  override readonly name = "ClientRefusal";
  /** Name of the Result Reason; "InvalidMessage" where the answer cannot be read. */
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

/**
 * The bytes of a request to a client. Of the header fields that 1.x forbids here none is sent (KMIP 1.4 §5.1); the
 * Time Stamp is required (§6.5).
 */
export function encodeServerRequest({ version, operation, payload, now, correlationId }: ServerRequest): Buffer {
  return encodeRequest(
    { protocolVersion: version, serverCorrelationValue: correlationId, attestationType: [], timeStamp: now },
    [{ operation, requestPayload: payload }],
  );
}

/** The payload of a client's answer to a request of one operation. Throws ClientRefusal. */
export function readClientAnswer(bytes: Buffer, version: ProtocolVersion): Item | undefined {
  const { batchItems } = decoded(bytes, version);
  const [item] = batchItems;
  if (item === undefined) throw new ClientRefusal("InvalidMessage", "the client's answer has no batch item");
  if (item.resultStatus === ResultStatus.Success) return item.responsePayload;
  const reason = item.resultReason === undefined ? undefined : enumerationName(ResultReasonTable, item.resultReason);
  throw new ClientRefusal(reason ?? "GeneralFailure", item.resultMessage?.slice(0, 200) ?? "the client refused");
}

function decoded(bytes: Buffer, version: ProtocolVersion): ReturnType<typeof responseMessage.decode> {
  try {
    return responseMessage.decode(decodeItem(bytes), { version });
  } catch (error) {
    if (!(error instanceof MessageError || error instanceof TtlvError)) throw error;
    throw new ClientRefusal("InvalidMessage", `the client's answer cannot be read: ${error.message}`);
  }
}

/** Discover Versions to a client (KMIP 2.1 §6.2.1). */
export const discoverVersions = {
  operation: Operation.DiscoverVersions,
  payload: (version: ProtocolVersion): Item =>
    discoverVersionsRequest.encode(Tag.RequestPayload, { protocolVersions: supportedVersions }, { version }),
  /** The best version that both sides speak; undefined where there is none. */
  best(answer: Item | undefined, version: ProtocolVersion): ProtocolVersion | undefined {
    if (answer === undefined) return undefined;
    const { protocolVersions }: DiscoverVersionsResponse = discoverVersionsResponse.decode(answer, { version });
    return supportedVersions.find((supported) => protocolVersions.includes(supported));
  },
} as const;

/** Query to a client (KMIP 2.1 §6.2.4): which operations it performs. */
export const queryOperations = {
  operation: Operation.Query,
  payload: (version: ProtocolVersion): Item =>
    queryRequest.encode(Tag.RequestPayload, { queryFunctions: [QueryFunction.QueryOperations] }, { version }),
  told(answer: Item | undefined, version: ProtocolVersion): readonly number[] {
    if (answer === undefined) return [];
    const { operations }: QueryResponse = queryResponse.decode(answer, { version });
    return operations;
  },
} as const;
