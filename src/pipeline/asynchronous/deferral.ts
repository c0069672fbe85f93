import { randomBytes } from "node:crypto";
import { AsynchronousIndicator, BatchErrorContinuationOption } from "#protocol/enums/index.js";
import { requestHeader } from "#protocol/messages/header.js";
import { Tag } from "#protocol/tags.js";
import type { Item } from "#protocol/ttlv/item.js";
import { V2_0 } from "#protocol/versions.js";
import type { ChangeSet } from "#src/inventory/change-set.js";
import type { RequestContext } from "#src/operations/contract/context.js";
import type { ItemAnswer } from "#src/operations/contract/item-answer.js";
import type { Operation } from "#src/operations/contract/operation.js";
import { change } from "#storage/changes.js";
import { newIdentifier } from "#storage/identifiers.js";
import type { Placeholder } from "../placeholder.js";
import type { Services } from "../services.js";
import { sealRequest } from "./documents.js";

/** Bytes of an Asynchronous Correlation Value: random, so that nobody guesses another client's. */
const correlationValueBytes = 16;

/**
 * Which items of one request are put off (KMIP 2.1 §9.2, §11.3). Mandatory puts off all, and so does True in 1.x;
 * Optional puts off long operations. Items are run in order, so once one is put off, those behind it are too.
 */
export class Deferral {
  private readonly services: Services;
  private readonly request: RequestContext;
  private readonly extent: "none" | "long" | "all";
  /** Made when the first item is put off. */
  private batchId: string | undefined;
  private readonly notBefore: number;
  private position = 0;

  constructor(services: Services, request: RequestContext) {
    this.services = services;
    this.request = request;
    // A ticket holds for the request that bears it, and its rights are checked when it is performed.
    this.extent = request.caller.ticket === undefined ? extentOf(request) : "none";
    this.notBefore = services.clock.wallMilliseconds() + services.asynchronous.startDelayMilliseconds;
  }

  /** Whether every item is put off, whatever it asks for. */
  get isDemanded(): boolean {
    return this.extent === "all";
  }

  /** Whether an item that asks for this operation is put off. */
  takes({ asynchrony }: Operation): boolean {
    if (asynchrony === "never" || this.extent === "none") return false;
    return this.extent === "all" || this.position > 0 || asynchrony === "long";
  }

  /** Has the unit of work take an item in; gives the answer that says so. Throws CryptoError. */
  async submit(
    tree: Item,
    operation: number,
    { placeholder, changes }: { readonly placeholder: Placeholder; readonly changes: ChangeSet },
  ): Promise<ItemAnswer> {
    const { services, request } = this;
    const { asynchronous } = services;
    const { caller, version, header, sourceAddress, correlationId } = request;
    const continuation = header.batchErrorContinuationOption ?? BatchErrorContinuationOption.Stop;
    const correlationValue = randomBytes(correlationValueBytes);
    const key = { tenantId: caller.tenantId, id: correlationValue.toString("hex") };
    const sealedRequest = await sealRequest(asynchronous.sealing, key, {
      version,
      continuation,
      certificateFingerprint: caller.certificateFingerprint,
      subject: caller.subject,
      sourceAddress,
      correlationId,
      placeholder: placeholder.snapshot(),
      header: requestHeader.encode(Tag.RequestHeader, { ...header, authentication: undefined }, { version }),
      item: tree,
    });
    const milliseconds = services.clock.wallMilliseconds();
    this.batchId ??= newIdentifier();
    const row = {
      ...key,
      clientId: caller.clientId,
      batchId: this.batchId,
      position: this.position,
      isUnit: continuation === BatchErrorContinuationOption.Undo && header.batchCount > 1,
      operation,
      state: "submitted",
      submittedAt: milliseconds * 1000,
      notBefore: this.notBefore,
      claim: null,
      claimedAt: null,
      nodeId: services.nodeId,
      obtainedAt: null,
      isProcessed: false,
      expiresAt: milliseconds + asynchronous.lifetimeMilliseconds,
      sealedRequest,
      sealedAnswer: null,
    } as const;
    this.position += 1;
    changes.add(change("asynchronousRequests", "submit", row, asynchronous.limits));
    changes.afterCommit(async () => asynchronous.submitted(this.notBefore));
    return { kind: "pending", correlationValue };
  }
}

function extentOf({ header, version }: RequestContext): "none" | "long" | "all" {
  const indicator = header.asynchronousIndicator ?? AsynchronousIndicator.Prohibited;
  if (indicator === AsynchronousIndicator.Prohibited) return "none";
  return indicator === AsynchronousIndicator.Mandatory || version < V2_0 ? "all" : "long";
}
