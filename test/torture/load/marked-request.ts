/** Requests that carry a Client Correlation Value, by which their audit records are found. */
import { ResultReason, ResultStatus } from "#protocol/enums/index.js";
import { payloads } from "#protocol/payloads/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import type { ProtocolVersion } from "#protocol/versions.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import { askAll } from "#test/support/kmip-client-messages.js";

/** What a request was answered. `unknown`: the server says that it does not know whether it was done. */
export type Answer =
  | { readonly outcome: "acknowledged"; readonly payload: unknown }
  | { readonly outcome: "refused" | "unknown"; readonly reason: string };

const reasonNames: ReadonlyMap<number, string> = new Map(
  Object.entries(ResultReason).map(([name, value]) => [value as number, name]),
);

/** What the server answers where it cannot tell. */
const cannotTell = /cannot tell whether/;

/** What one asks for. */
export interface Request {
  readonly version: ProtocolVersion;
  readonly operation: number;
  readonly payload: unknown;
}

/** Asks for one thing under a correlation value. Rejects with ConnectionLost where no answer comes. */
export async function askMarked(client: KmipClient, mark: string, request: Request): Promise<Answer> {
  const { version, operation, payload } = request;
  const header: Item = { tag: Tag.ClientCorrelationValue, type: ItemType.TextString, value: mark };
  const [answered] = await askAll(client, version, [{ operation, payload }], [header]);
  if (answered === undefined) throw new RangeError("the answer holds no batch item");
  if (answered.status === ResultStatus.Success) {
    const shapes = payloads.find((row) => row.operation === operation);
    const told = answered.item.responsePayload;
    return {
      outcome: "acknowledged",
      payload: told === undefined || shapes === undefined ? {} : shapes.response.decode(told, { version }),
    };
  }
  const message = answered.message ?? "";
  const reason = `${reasonNames.get(answered.reason ?? 0) ?? answered.reason}: ${message}`;
  return { outcome: cannotTell.test(message) ? "unknown" : "refused", reason };
}
