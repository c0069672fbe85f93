import { setTimeout as pause } from "node:timers/promises";
import type { ConnectOptions, ReadStep, Transcript, TranscriptItem } from "#protocol/encodings/transcript/step.js";
import { valueText } from "#protocol/encodings/transcript/values.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import type { ServerAddress } from "#src/kmip-client/address.js";
import type { ClientFiles } from "#src/kmip-client/identity.js";
import type { Difference } from "../comparator.js";
import type { ExpectedItem } from "../expected.js";
import { compareMessage } from "../message.js";
import { RunState } from "../run-state.js";
import { TranscriptBindings } from "./bindings.js";
import { arrivalFault, type Line, openLine, type Sessions } from "./line.js";

/** The server a transcript is played against. */
export interface TranscriptServer {
  readonly kmip: ServerAddress;
  /** Where it serves KMIP over HTTPS. */
  readonly https?: ServerAddress | undefined;
  /** The files of a client: "A" unless the transcript names another. Throws where there is none. */
  filesOf(client: string): ClientFiles;
}

/** How a transcript is played. */
export interface PlayOptions {
  readonly server: TranscriptServer;
  /** Values of variables that no answer gives: `password` for $password. */
  readonly variables?: ReadonlyMap<string, string>;
  /** Whether what differs by its nature may differ (conformance/tolerances.ts), as in what was recorded elsewhere. */
  readonly isTolerant?: boolean;
  /** Is told each variable that an answer gave a value, for what is to be checked beyond the transcript. */
  readonly learned?: (name: string, value: Item) => void;
}

/** A difference, and the step in which it was seen. */
export interface StepDifference extends Difference {
  /** The line of the step in the transcript. */
  readonly line: number;
}

/** How long a server may take to close a connection, and to refuse a client. */
const closingMilliseconds = 10_000;
const refusalMilliseconds = 3000;

/** The client of connections that name none. */
const firstClient = "A";

/** Plays a transcript. Gives every difference, in order; after a broken connection, none of the steps behind it. */
export async function playTranscript(transcript: Transcript, options: PlayOptions): Promise<readonly StepDifference[]> {
  const player = new TranscriptPlayer(options);
  try {
    for (const step of transcript.steps) await player.play(step);
  } catch (error) {
    if (!(error instanceof BrokenPlay)) throw error;
    player.differences.push(error.difference);
  } finally {
    await player.close();
  }
  return player.differences;
}

/** The play cannot go on. */
class BrokenPlay extends Error {
  constructor(readonly difference: StepDifference) {
    super(difference.actual);
  }
}

interface OpenLine {
  readonly line: Line;
  /** Requests sent whose answers were not read. */
  readonly unanswered: Item[];
}

class TranscriptPlayer {
  readonly differences: StepDifference[] = [];
  private readonly lines = new Map<string, OpenLine>();
  private readonly clients = new Map<string, string>();
  private readonly sessions: Sessions = new Map();
  private readonly bindings: TranscriptBindings;
  private readonly run: RunState;
  private readonly server: TranscriptServer;

  constructor({ server, variables, isTolerant, learned }: PlayOptions) {
    const clock = (): number => Date.now() / 1000;
    this.server = server;
    this.bindings = new TranscriptBindings(clock, variables, learned);
    this.run = new RunState(clock, undefined, { bindings: this.bindings, isStrict: isTolerant !== true });
  }

  async close(): Promise<void> {
    for (const { line } of this.lines.values()) await line.close();
  }

  async play(step: ReadStep): Promise<void> {
    switch (step.kind) {
      case "connect":
        return this.connect(step);
      case "wait":
        return pause(step.seconds * 1000);
      case "close":
        return this.closeLine(step.connection);
      case "end":
        return this.doing(step, "the connection to be ended", async () => (await this.lineOf(step)).line.end());
      case "closed":
        await this.doing(step, "the server to close the connection", async () =>
          (await this.lineOf(step)).line.closed(closingMilliseconds),
        );
        return this.closeLine(step.connection);
      case "send":
        return this.send(step);
      case "receive":
        return this.receive(step);
    }
  }

  private async connect(step: ReadStep & ConnectOptions): Promise<void> {
    await this.closeLine(step.connection);
    if (step.refused !== true) {
      await this.doing(step, "a connection", async () => {
        await this.open(step, step);
      });
      return;
    }
    try {
      const { line } = await this.open(step, step);
      // With TLS 1.3 a client hears of its refusal only after the handshake.
      await line.closed(refusalMilliseconds);
      await this.closeLine(step.connection);
    } catch (error) {
      await this.closeLine(step.connection);
      if (error instanceof Error && /kept the connection open|an answer came/.test(error.message)) {
        this.note(step, "connection", "a refusal", "the server let the client in");
      }
    }
  }

  private async open(step: ReadStep, options: ConnectOptions): Promise<OpenLine> {
    const { connection } = step;
    const client = step.client ?? this.clients.get(connection) ?? firstClient;
    this.clients.set(connection, client);
    const { kmip, https } = this.server;
    const address = options.over === undefined ? kmip : https;
    if (address === undefined) throw new Error("it is not known where the server serves KMIP over HTTPS");
    const line = await openLine(connection, options, address, this.server.filesOf(client), this.sessions);
    const opened = { line, unanswered: [] };
    this.lines.set(connection, opened);
    return opened;
  }

  private async lineOf(step: ReadStep): Promise<OpenLine> {
    return this.lines.get(step.connection) ?? this.open(step, {});
  }

  private async closeLine(connection: string): Promise<void> {
    await this.lines.get(connection)?.line.close();
    this.lines.delete(connection);
  }

  private async send(step: Extract<ReadStep, { kind: "send" }>): Promise<void> {
    const { message } = step;
    if (message === undefined) return;
    await this.doing(step, "a request that can be sent", async () => {
      const request = this.requestFrom(message);
      this.run.noteRequest(request);
      const { line, unanswered } = await this.lineOf(step);
      await line.send(request, step);
      unanswered.push(request);
    });
  }

  private async receive(step: Extract<ReadStep, { kind: "receive" }>): Promise<void> {
    if (step.unreadable !== undefined) return;
    const arrived = await this.doing(step, "an answer", async () => {
      const { line, unanswered } = await this.lineOf(step);
      const answer = await line.receive();
      return { answer, request: unanswered.shift() };
    });
    const { answer, request } = arrived;
    const fault = arrivalFault(step, answer);
    if (fault !== undefined) this.note(step, "ResponseMessage", ...fault);
    if (step.message === undefined || request === undefined) return;
    const found = compareMessage(expectedFrom(step.message), answer.message, request, this.run);
    for (const difference of found) this.differences.push({ line: step.line, ...difference });
  }

  private requestFrom({ item, standIn, children }: TranscriptItem): Item {
    if (standIn !== undefined) return this.bindings.itemFor(item, standIn);
    if (item.type !== ItemType.Structure) return item;
    return { ...item, value: children.map((child) => this.requestFrom(child)) };
  }

  private note(step: ReadStep, path: string, expected: string, actual: string): void {
    this.differences.push({ line: step.line, path, expected, actual });
  }

  /** Does what a step asks; where it fails, the play has come to its end. */
  private async doing<T>(step: ReadStep, expected: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      throw new BrokenPlay({ line: step.line, path: `connection ${step.connection}`, expected, actual: error.message });
    }
  }
}

function expectedFrom(expected: TranscriptItem): ExpectedItem {
  const { item, standIn, children } = expected;
  if (standIn === undefined) return { item, children: children.map(expectedFrom) };
  return { item, standIn, placeholder: valueText(expected, undefined), children: [] };
}
