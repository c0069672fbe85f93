import { CryptoError } from "../../port.js";
import { bytesIn, encodeFrame, FRAME_FILL, FrameReader, type ReadFrame } from "../frames.js";
import type { AnswerFrame, AnswerMessage, CallMessage, FailureMessage, WorkerMethod } from "../messages.js";
import { WorkerFailure } from "./errors.js";
import { PinRefusal } from "./login.js";
import { announceBy, noteFailure, takeNotes } from "./notes.js";
import { workerOperations } from "./operations.js";
import { BlockingPort } from "./port.js";

/** The message port of the worker: a socket the server hands down as this file descriptor. */
const PORT_DESCRIPTOR = 3;

/** Answers wait at most so long for the others of their frame, in milliseconds. */
const ANSWER_DELAY = 2;

/** How often the worker says how large it is, in milliseconds. */
const MEASURE_INTERVAL = 1000;

const operations = workerOperations();
const reader = new FrameReader();
const port = new BlockingPort(PORT_DESCRIPTOR);

let operationCount = 0;
let residentBytes = process.memoryUsage.rss();
let measuredAt = performance.now();

/** Ends the process at once: exit handlers of PKCS#11 modules are known to crash, and there is nothing to tidy up. */
function end(): never {
  process.kill(process.pid, "SIGKILL");
  throw new Error("the worker has ended itself");
}

/** The managed object that a call is about, where it is about one. */
function objectIdOf(args: readonly unknown[]): string | undefined {
  const named = args.find(
    (arg): arg is { objectId: unknown } => typeof arg === "object" && arg !== null && "objectId" in arg,
  );
  return typeof named?.objectId === "string" ? named.objectId : undefined;
}

function failureOf(error: unknown): FailureMessage {
  const message = error instanceof Error ? error.message : "unknown error";
  if (error instanceof CryptoError) {
    const restart = error instanceof WorkerFailure && error.restart;
    const pin = error instanceof PinRefusal ? { pinFailuresCounted: error.counted } : {};
    return { code: error.code, message, returnValue: error.returnValue, restart, ...pin };
  }
  return { code: "device-error", message, returnValue: undefined, restart: false };
}

function answer(call: CallMessage): AnswerMessage {
  const [id, method, args] = call;
  operationCount += 1;
  try {
    const operation: (...values: never[]) => unknown = operations[method];
    return [id, null, operation(...(args as never[]))];
  } catch (error) {
    if (error instanceof WorkerFailure) noteFailure(error, method, objectIdOf(args));
    return [id, failureOf(error), undefined];
  }
}

function send(answers: AnswerMessage[], allowance = 0): void {
  if (performance.now() - measuredAt > MEASURE_INTERVAL) {
    residentBytes = process.memoryUsage.rss();
    measuredAt = performance.now();
  }
  const faults = takeNotes();
  const silence = allowance > 0 ? { allowance } : {};
  const noted = faults.length > 0 ? { faults } : {};
  const message: AnswerFrame = { answers, residentBytes, operations: operationCount, ...noted, ...silence };
  const frame = encodeFrame(message);
  for (const [, , value] of answers) {
    if (Buffer.isBuffer(value)) {
      value.fill(0);
    }
  }
  port.write(frame);
}

function serve(frame: ReadFrame): void {
  const calls = frame.value as readonly CallMessage[];
  let answers: AnswerMessage[] = [];
  let since = performance.now();
  let bytes = 0;
  for (const call of calls) {
    const answered = answer(call);
    answers.push(answered);
    bytes += bytesIn(answered);
    if (performance.now() - since > ANSWER_DELAY || bytes > FRAME_FILL) {
      send(answers);
      answers = [];
      bytes = 0;
      since = performance.now();
    }
  }
  if (answers.length > 0) {
    send(answers);
  }
  frame.bytes.fill(0);
}

/** The name of each operation, so that a message can name no other property. */
const METHODS: ReadonlySet<string> = new Set<WorkerMethod>(Object.keys(operations) as WorkerMethod[]);

/** Serves what comes until the server is gone. */
function serveAll(): never {
  for (let chunk = port.read(); chunk.length > 0; chunk = port.read()) {
    for (const frame of reader.push(chunk)) {
      const known = (frame.value as readonly CallMessage[]).every(([, method]) => METHODS.has(method));
      if (!known) end();
      serve(frame);
    }
  }
  return end();
}

announceBy((allowance) => send([], allowance));
// The server ends its workers; a terminal's signal reaches them too.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => undefined);
try {
  serveAll();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : "unknown error"}\n`);
  end();
}
