import { setTimeout as pause } from "node:timers/promises";
import { EncodingError } from "#protocol/encodings/error.js";
import { ResultReason, ResultStatus } from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { TtlvError } from "#protocol/ttlv/error.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { answerItem, CaseFileError, type CaseStep, expectedItem, readCaseFile, requestItem } from "./case-file.js";
import type { CaseEntry } from "./catalogue.js";
import type { Difference } from "./comparator.js";
import type { ExpectedItem } from "./expected.js";
import { compareMessage } from "./message.js";
import type { ServerRequest } from "./receiver.js";
import { fields, operationOf, type RunState } from "./run-state.js";

/** The connection of one client of a case. */
export interface CaseConnection {
  request(message: Item): Promise<Item>;
  close(): Promise<void>;
}

/** What came of a case. */
export interface CaseResult extends CaseEntry {
  readonly outcome: "passed" | "failed" | "divergence" | "not yet supported";
  /** The step that decided, counted from 0. */
  readonly step?: number;
  readonly difference?: Difference;
  /** Why a divergence is one. */
  readonly remark?: string;
  /** The operations of the deciding step. */
  readonly operations?: readonly number[];
}

/** How often a repeated request is sent, and how long to wait in between, in milliseconds. */
const repetitions = 100;
const repetitionPause = 100;

function statuses(answer: Item): readonly Item[] {
  return fields(answer, Tag.BatchItem).flatMap((item) => fields(item, Tag.ResultStatus));
}

const isPending = (answer: Item): boolean =>
  statuses(answer).some(
    (status) => status.type === ItemType.Enumeration && status.value === ResultStatus.OperationPending,
  );

function isUnsupported(batchItem: Item | undefined): boolean {
  const [reason] = fields(batchItem, Tag.ResultReason);
  return reason?.type === ItemType.Enumeration && reason.value === ResultReason.OperationNotSupported;
}

/** Whether the server says of an operation that it has it not, where the case expects something else. */
function lacksAnOperation(expected: ExpectedItem, answer: Item): boolean {
  const wanted = fields(expected.item, Tag.BatchItem);
  return fields(answer, Tag.BatchItem).some((item, index) => isUnsupported(item) && !isUnsupported(wanted[index]));
}

/** Has the server send an object to a client of the case; gives the request that comes. */
export type Push = (object: string) => Promise<ServerRequest>;

/**
 * A request of a server without its Time Stamp where the case shows none: every request of a server has one (KMIP 1.4
 * §6.5, 2.1 §9.20).
 */
function withoutTime(message: Item, { item }: ExpectedItem): Item {
  const [header] = fields(item, Tag.RequestHeader);
  if (fields(header, Tag.TimeStamp).length > 0 || message.type !== ItemType.Structure) return message;
  const value = message.value.map((part) =>
    part.tag === Tag.RequestHeader && part.type === ItemType.Structure
      ? { ...part, value: part.value.filter(({ tag }) => tag !== Tag.TimeStamp) }
      : part,
  );
  return { ...message, value };
}

class CasePlayer {
  private readonly connections = new Map<string, CaseConnection>();

  constructor(
    private readonly entry: CaseEntry,
    private readonly connect: (client: string) => Promise<CaseConnection>,
    private readonly run: RunState,
    private readonly push: Push | undefined,
  ) {}

  async play(steps: readonly CaseStep[]): Promise<CaseResult> {
    for (const [index, step] of steps.entries()) {
      const result = step.fromServer ? await this.playServerStep(step, index) : await this.playStep(step, index);
      if (result !== undefined) return result;
    }
    return { ...this.entry, outcome: "passed" };
  }

  async close(): Promise<void> {
    for (const connection of this.connections.values()) await connection.close();
  }

  /** Has the server send what the case shows it sending, compares it, and answers as the case shows. */
  private async playServerStep(step: CaseStep, index: number): Promise<CaseResult | undefined> {
    const expected = expectedItem(step.request);
    const [object] = this.run.bindings.boundTo("$UNIQUE_IDENTIFIER_0");
    if (this.push === undefined || object === undefined) {
      const actual = "none: this server cannot be told where to send them";
      const difference = { path: "", expected: "a request from the server", actual };
      return { ...this.entry, outcome: "not yet supported", step: index, difference, operations: [] };
    }
    const request = await this.push(object);
    const [difference] = compareMessage(expected, withoutTime(request.message, expected), request.message, this.run);
    if (step.response !== undefined) request.answer(answerItem(step, step.response, this.run.bindings));
    if (difference === undefined) return undefined;
    return { ...this.entry, outcome: "failed", step: index, difference, operations: [] };
  }

  private async playStep(step: CaseStep, index: number): Promise<CaseResult | undefined> {
    const request = requestItem(step, this.run.bindings);
    this.run.noteRequest(request);
    const connection = await this.connectionOf(step.client);
    let answer = await connection.request(request);
    for (let again = 1; step.repeated && isPending(answer) && again < repetitions; again += 1) {
      await pause(repetitionPause);
      answer = await connection.request(request);
    }
    if (step.response === undefined) return undefined;
    const expected = expectedItem(step.response);
    const [difference] = compareMessage(expected, answer, request, this.run);
    if (difference === undefined) return undefined;
    const operations = fields(request, Tag.BatchItem).map((item) => operationOf(item) ?? 0);
    const outcome = lacksAnOperation(expected, answer) ? "not yet supported" : "failed";
    return { ...this.entry, outcome, step: index, difference, operations };
  }

  private async connectionOf(client: string): Promise<CaseConnection> {
    const open = this.connections.get(client);
    if (open !== undefined) return open;
    const connection = await this.connect(client);
    this.connections.set(client, connection);
    return connection;
  }
}

/**
 * Plays one case against a server and compares every answer. A case that cannot be played to its end because the
 * connection breaks, or because a value it needs never came, has failed. `connect` opens a connection for a client; `run`
 * knows what the cases before it in its group did; `leftOver` receives the identifiers the case brought up, so that what a failed case leaves behind can be removed;
 * `push` has the server send an object to a client, where the server can be told to.
 */
export async function playCase(
  entry: CaseEntry,
  connect: (client: string) => Promise<CaseConnection>,
  run: RunState,
  leftOver: (identifiers: readonly string[]) => Promise<void>,
  push?: Push,
): Promise<CaseResult> {
  const player = new CasePlayer(entry, connect, run, push);
  let isPassed = false;
  try {
    const result = await player.play(readCaseFile(entry.path));
    isPassed = result.outcome === "passed";
    return result;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const expected = error instanceof CaseFileError ? "a value from an earlier answer" : "an answer";
    const isOurs = error instanceof EncodingError && !(error instanceof TtlvError);
    const difference = { path: "", expected: isOurs ? "a case that can be read" : expected, actual: error.message };
    return { ...entry, outcome: "failed", difference };
  } finally {
    await player.close();
    // What a case that passed leaves on purpose, the case after it may look for.
    if (!isPassed) await leftOver(run.bindings.boundTo("$UNIQUE_IDENTIFIER"));
  }
}
