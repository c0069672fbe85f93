import type { MessageEncoding } from "#protocol/encodings/message-encoding.js";
import { jsonEncoding, ttlvEncoding, xmlEncoding } from "#protocol/encodings/message-encoding.js";
import type { RequestMessage } from "#protocol/messages/message.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { EncodedAnswer, MessageOrigin } from "#src/pipeline.js";
import { homeOf } from "#src/siblings/home-values.js";
import { SiblingGoneError, type Siblings, topic } from "#src/siblings/siblings.js";

/** A message that goes on in another process. */
interface ForwardedMessage {
  readonly encoding: MessageEncoding["name"];
  readonly bytes: Uint8Array;
  readonly origin: Pick<MessageOrigin, "sourceAddress" | "certificateFingerprint" | "entrance">;
}

interface ForwardedAnswer {
  readonly bytes: Uint8Array;
  readonly isVersionTold: boolean;
}

const forwarded = topic<ForwardedMessage, ForwardedAnswer>("a message is forwarded");

const encodings = { TTLV: ttlvEncoding, XML: xmlEncoding, JSON: jsonEncoding } as const;

/** Answers a message that came from another process. */
export type AnswerForwarded = (
  encoding: MessageEncoding,
  bytes: Buffer,
  origin: MessageOrigin,
) => Promise<EncodedAnswer>;

/**
 * Takes messages that go on with something kept in the memory of one process (an operation in parts, an instance of
 * PKCS#11) to that process, whichever of them the client reached; it does everything there is to do about them.
 */
export class Forwarding {
  private readonly siblings: Siblings;

  constructor(siblings: Siblings) {
    this.siblings = siblings;
  }

  /** Has messages answered that other processes forward. */
  answerWith(answer: AnswerForwarded): void {
    this.siblings.on(forwarded, ({ encoding, bytes, origin }) =>
      answer(encodings[encoding], Buffer.from(bytes), origin),
    );
  }

  /**
   * The answer of the process that a message is for; undefined where that is this one, or where it is gone and with it
   * what the message goes on with. Throws KmipError `GeneralFailure` where nobody knows how far it came.
   */
  async answer(
    message: RequestMessage,
    { name: encoding }: MessageEncoding,
    bytes: Buffer,
    { sourceAddress, certificateFingerprint, entrance }: MessageOrigin,
  ): Promise<EncodedAnswer | undefined> {
    if (this.siblings.isAlone) return undefined;
    const home = this.homeOf(message);
    if (home === undefined) return undefined;
    try {
      const origin = { sourceAddress, certificateFingerprint, ...(entrance && { entrance }) };
      const answer = await this.siblings.ask(home, forwarded, { encoding, bytes, origin });
      return { bytes: Buffer.from(answer.bytes), isVersionTold: answer.isVersionTold };
    } catch (error) {
      if (!(error instanceof SiblingGoneError)) throw error;
      if (!error.mayHaveActed) return undefined;
      throw new KmipError("GeneralFailure", "the process that had the operation under way ended; begin again");
    }
  }

  private homeOf({ batchItems }: RequestMessage): number | undefined {
    for (const item of batchItems) {
      const value = correlationValueOf(item);
      const home = value === undefined ? this.siblings.self : homeOf(this.siblings, value);
      if (home !== this.siblings.self) return home;
    }
    return undefined;
  }
}

function correlationValueOf(batchItem: Item): Buffer | undefined {
  const payload = childOf(batchItem, Tag.RequestPayload);
  const value = payload === undefined ? undefined : childOf(payload, Tag.CorrelationValue);
  return value?.type === ItemType.ByteString ? value.value : undefined;
}

function childOf(item: Item, tag: number): Item | undefined {
  return item.type === ItemType.Structure ? item.value.find((child) => child.tag === tag) : undefined;
}
