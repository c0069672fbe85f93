import { Tag } from "#protocol/tags.js";
import type { Item } from "#protocol/ttlv/item.js";
import type { ProtocolVersion } from "#protocol/versions.js";
import type { KmipCall } from "./calls.js";

/** One thing to ask of a server, and how its answer is read. */
export interface Asked<Response> {
  readonly operation: number;
  payload(version: ProtocolVersion): Item;
  read(payload: Item, version: ProtocolVersion): Response;
}

/** What the answers to a list of things asked are, one by one. */
export type AnswersTo<List extends readonly Asked<unknown>[]> = {
  readonly [Place in keyof List]: List[Place] extends Asked<infer Response> ? Response : never;
};

/** A call with its request. */
export function asked<Request, Response>(call: KmipCall<Request, Response>, request: Request): Asked<Response> {
  return {
    operation: call.operation,
    payload: (version) => call.request.encode(Tag.RequestPayload, request, { version }),
    read: (payload, version) => call.response.decode(payload, { version }),
  };
}
