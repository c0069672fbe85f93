import { responseBatchItem } from "#protocol/messages/message.js";
import { Tag } from "#protocol/tags.js";
import { encodedLength } from "#protocol/ttlv/writer.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { batchItemOf, emptyResponseLength, type ResponseSetting } from "./response.js";
import type { FinishedItem } from "./run-item.js";

/** What a failure without its words takes, or an answer that is pending, with a Unique Batch Item ID of usual length. */
const leastBytes = 96;

/**
 * What is left of the size that the client can take (KMIP 2.1 §9.12). An item whose answer would go beyond it fails
 * before anything of it is made true; room for the failures of the items behind it is kept. So whatever was done is
 * told.
 */
export class ResponseRoom {
  private readonly setting: ResponseSetting;
  private left: number;
  private waiting: number;

  /** Why no item is to be performed: not even failures of all of them can be told. Undefined where they can. */
  readonly refusal: KmipError | undefined;

  constructor(setting: ResponseSetting, limit: number, items: number) {
    this.setting = setting;
    this.waiting = items;
    this.left = limit - emptyResponseLength(setting);
    const least = limit - this.left + items * leastBytes;
    this.refusal =
      limit < least
        ? new KmipError("ResponseTooLarge", `${limit} bytes hold no answer to this request; ${least} may`)
        : undefined;
  }

  /** Throws KmipError `ResponseTooLarge` where the success of an item cannot be told. */
  check(state: FinishedItem["state"]): void {
    const allowed = this.left - (this.waiting - 1) * leastBytes;
    const length = this.lengthOf({ state, error: undefined });
    if (length <= allowed) return;
    throw new KmipError("ResponseTooLarge", `the answer has ${length} bytes, ${Math.max(0, allowed)} are left for it`);
  }

  /** An item has ended: its answer takes its room. */
  itemDone(finished: Pick<FinishedItem, "state" | "error">): void {
    this.waiting -= 1;
    this.left -= Math.min(
      this.lengthOf(finished),
      finished.error === undefined ? Number.POSITIVE_INFINITY : leastBytes,
    );
  }

  private lengthOf(finished: Pick<FinishedItem, "state" | "error">): number {
    const item = batchItemOf({ ...finished, microseconds: 0 }, this.setting, false);
    return encodedLength(responseBatchItem.encode(Tag.BatchItem, item, { version: this.setting.version }));
  }
}
