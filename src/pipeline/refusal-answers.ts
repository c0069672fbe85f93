import { encodeResponse, errorItem, type ResponseSetting } from "./response.js";
import type { TurnRefusal } from "./turns/turn-refusal.js";

/**
 * The answers to messages that are refused because too much is asked for. They tell nothing of the message but its
 * version, and the second: so that those of one second are one, as thousands of them are to cost little.
 */
export class RefusalAnswers {
  private second = 0;
  /** By encoding, version and cause, of this second. */
  private readonly made = new Map<string, Buffer>();

  /** The bytes of an answer, which nobody may change. */
  answerTo(refusal: TurnRefusal, setting: ResponseSetting): Buffer {
    const { encoding, version, now } = setting;
    if (now !== this.second) this.made.clear();
    this.second = now;
    const key = `${encoding.name} ${version} ${refusal.why}`;
    const known = this.made.get(key);
    if (known !== undefined) return known;
    const bytes = encodeResponse([errorItem(refusal, version)], setting);
    this.made.set(key, bytes);
    return bytes;
  }
}
