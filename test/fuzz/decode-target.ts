import { announcedVersion, decodeRequestMessage, requestBatchItem } from "#protocol/messages/message.js";
import { payloads } from "#protocol/payloads/index.js";
import { MessageError } from "#protocol/schema/error.js";
import { TtlvError } from "#protocol/ttlv/error.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { supportedVersions, V1_0 } from "#protocol/versions.js";
import { type Budget, PartRecorder, type PartResult } from "./finding.js";
import { mutate } from "./mutator.js";
import type { SeededRandom } from "./random.js";
import type { RawItem } from "./raw-item.js";

/** The longest that one message may take, in milliseconds. */
const longest = 1000;

/** Reads a message as far as the server would before it runs an operation. Gives how it was taken. */
function read(bytes: Buffer): string {
  try {
    const item = decodeItem(bytes);
    if (!encodeItem(item).equals(bytes)) return "read, and written otherwise";
    const version = announcedVersion(item) ?? V1_0;
    if (!(supportedVersions as readonly number[]).includes(version)) return "read, of another version";
    const message = decodeRequestMessage(item, { version });
    for (const each of message.batchItems) {
      const { operation, requestPayload } = requestBatchItem.decode(each, { version });
      payloads.find((row) => row.operation === operation)?.request.decode(requestPayload, { version });
    }
    return "read";
  } catch (error) {
    if (error instanceof TtlvError) return "refused by the codec";
    if (error instanceof MessageError) return "refused by the message";
    throw error;
  }
}

/** Reads damaged messages in this process: only the errors of the protocol may come of it, and in time. */
export function fuzzDecoding(seeds: readonly RawItem[], random: SeededRandom, budget: Budget): PartResult {
  const recorder = new PartRecorder("reading in this process", budget);
  while (!recorder.isOver) {
    const input = mutate(random.pick(seeds), random, seeds);
    const start = performance.now();
    try {
      const outcome = read(input);
      recorder.outcome(outcome);
      if (outcome === "read, and written otherwise") recorder.finding(outcome, input);
    } catch (error) {
      recorder.outcome("crashed");
      recorder.finding(error instanceof Error ? (error.stack ?? error.message) : String(error), input);
    }
    const took = performance.now() - start;
    if (took > longest) recorder.finding(`took ${Math.round(took)} ms`, input);
  }
  return recorder.result();
}
