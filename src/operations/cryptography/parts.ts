import type { DataReference } from "#protocol/structures/data.js";
import type { PartStream } from "#src/crypto/streams/stream.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { OperationContext } from "../contract/context.js";
import { dataOf } from "./data.js";
import type { OpenStream, StreamNotes, StreamOwner } from "./open-streams.js";
import { allocateUsage } from "./usage-limits.js";

/** The fields of cryptographic operations over several requests (KMIP 2.1 §7.8, §7.14, §7.17). */
export interface StreamFields {
  readonly data?: Buffer | DataReference | undefined;
  readonly correlationValue?: Buffer | undefined;
  readonly initIndicator?: boolean | undefined;
  readonly finalIndicator?: boolean | undefined;
}

/** Where a request stands in an operation. */
export type Position =
  | { readonly kind: "whole" }
  | { readonly kind: "first" }
  | { readonly kind: "later"; readonly correlationValue: Buffer; readonly isLast: boolean };

/** Where a request stands (KMIP 2.1 §6.1). Init and Final together make a whole. Throws KmipError. */
export function positionOf({
  correlationValue,
  initIndicator = false,
  finalIndicator = false,
}: StreamFields): Position {
  if (correlationValue === undefined) {
    if (initIndicator === finalIndicator) return { kind: "whole" };
    if (initIndicator) return { kind: "first" };
    throw new KmipError("InvalidCorrelationValue", "the last part has no correlation value");
  }
  if (initIndicator) throw new KmipError("InvalidMessage", "an operation that is under way does not begin again");
  return { kind: "later", correlationValue, isLast: finalIndicator };
}

/** What taking a part came to. */
export interface TakenPart<Result, Told> {
  /** For the answer, but to the last part. */
  readonly correlationValue: Buffer | undefined;
  /** Output so far, or undefined where there is none yet. */
  readonly output: Buffer | undefined;
  /** At the last part. */
  readonly result: Result | undefined;
  /** At the first part, what opening had to say. */
  readonly told: Told | undefined;
}

/** What an operation says of its stream. */
export interface StreamOptions<Result, Told> {
  readonly operation: number;
  /** Whether the parts are taken off the Usage Limits of the key. */
  readonly protects: boolean;
  /** Begins. The notes hold what a request brought for the end. Rejects with KmipError and CryptoError. */
  open(notes: StreamNotes): Promise<{ readonly stream: PartStream<Result>; readonly told: Told }>;
  /** The key; null for operations without one. */
  readonly objectId: string | null;
  /** What this request brings for the end: a signature, a code, a tag. */
  readonly brought?: Buffer | undefined;
}

/** Data may be missing only where a stream begins or ends (KMIP 2.1 §6.1). */
function partOf(request: StreamFields, position: Exclude<Position, { kind: "whole" }>): Buffer {
  const mayLack = position.kind === "first" || position.isLast;
  return request.data === undefined && mayLack ? Buffer.alloc(0) : dataOf(request);
}

/**
 * Takes one part of an operation over several requests. An item that is tried again because of a conflict goes into the
 * stream once; a stream whose part was not committed in the end goes no further.
 */
export async function takePart<Result, Told>(
  context: OperationContext,
  request: StreamFields,
  position: Exclude<Position, { kind: "whole" }>,
  options: StreamOptions<Result, Told>,
): Promise<TakenPart<Result, Told>> {
  const part = partOf(request, position);
  if (options.protects) allocateUsage(context, part.length, position.kind === "first" ? 1 : 0);
  const { kept, taken } = await context.streams.once(context.item, async () => {
    const begun = await streamAt(context, position, options);
    return { kept: begun.kept, taken: await feed(context, begun, { part, position, brought: options.brought }) };
  });
  kept.doubtful = undefined;
  context.changes.onDiscard(async () => {
    kept.doubtful = context.item;
  });
  return taken as TakenPart<Result, Told>;
}

interface Begun {
  readonly kept: OpenStream;
  readonly told: unknown;
}

/** The stream that a part is for, which is in work from here on. */
async function streamAt(
  context: OperationContext,
  position: Exclude<Position, { kind: "whole" }>,
  { operation, objectId, open }: StreamOptions<unknown, unknown>,
): Promise<Begun> {
  const { caller } = context.request;
  const owner: StreamOwner = {
    tenantId: caller.tenantId,
    clientId: caller.clientId,
    objectId: objectId ?? undefined,
    operation,
  };
  if (position.kind === "later") {
    const kept = context.streams.find(position.correlationValue, owner);
    if (kept.doubtful !== undefined) {
      await context.streams.drop(kept);
      throw new KmipError("InvalidCorrelationValue", "a part before was not recorded; begin again");
    }
    if (kept.busy) throw new KmipError("InvalidCorrelationValue", "another part of this operation is in work");
    kept.busy = true;
    return { kept, told: undefined };
  }
  const notes: StreamNotes = { brought: undefined };
  return context.streams.opening(owner, async () => {
    const { stream, told } = await open(notes);
    const kept = context.streams.add(owner, stream, notes);
    kept.busy = true;
    return { kept, told };
  });
}

async function feed(
  context: OperationContext,
  { kept, told }: Begun,
  given: { readonly part: Buffer; readonly position: Position; readonly brought: Buffer | undefined },
): Promise<TakenPart<unknown, unknown>> {
  const isLast = given.position.kind === "later" && given.position.isLast;
  const { streams } = context;
  try {
    await streams.take(kept, given.part.length);
    if (given.brought !== undefined) kept.notes.brought = Buffer.from(given.brought);
    const output = given.part.length === 0 ? Buffer.alloc(0) : await kept.stream.update(given.part);
    const result = isLast ? await kept.stream.finish() : undefined;
    if (isLast) await streams.drop(kept);
    return {
      correlationValue: isLast ? undefined : kept.correlationValue,
      output: output.length === 0 ? undefined : output,
      result,
      told,
    };
  } catch (error) {
    await streams.drop(kept);
    throw error;
  } finally {
    kept.busy = false;
  }
}
