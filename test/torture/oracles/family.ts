import { Operation, PKCS_11ReturnCode, ResultReason, ResultStatus } from "#protocol/enums/index.js";
import { payloads } from "#protocol/payloads/index.js";
import type { Pkcs11Response } from "#protocol/payloads/pkcs11.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { V2_1 } from "#protocol/versions.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import { type Asked, readAnswer, requestMessageItem } from "#test/support/kmip-client-messages.js";

/** What a client saw of one try. */
export interface Seen {
  /** The result in words, the same for what cannot be told apart. */
  readonly outcome: string;
  readonly milliseconds: number;
}

/** One try: sends what was prepared, and takes the time of the message that decrypts. */
export type Try = (client: KmipClient) => Promise<Seen>;

/** Ciphertexts of one kind. */
export interface KindOfCiphertext {
  readonly name: string;
  /** Ciphertexts that open; in one family all of the others are to be seen alike. */
  readonly opens: boolean;
  /** Prepares a try; what it prepares is used several times. */
  prepare(): Try | Promise<Try>;
}

/** Kinds of ciphertexts of which a client must not learn which is which. */
export interface Family {
  readonly name: string;
  readonly kinds: readonly KindOfCiphertext[];
  /** Those that do not open are answered like those that do. */
  readonly rejectsSilently?: boolean;
  /** How long an answer takes is judged; false where it also shows what only the client has chosen, or stores an object. */
  readonly timed: boolean;
  /** Tries of each kind at most. */
  readonly most?: number;
}

const nameOf = (table: Readonly<Record<string, number>>, value: number): string =>
  Object.entries(table).find(([, number]) => number === value)?.[0] ?? `${value}`;

function described(payload: unknown): string {
  const { validityIndicator, pkcs11ReturnCode } = payload as { validityIndicator?: number } & Partial<Pkcs11Response>;
  if (pkcs11ReturnCode !== undefined) return `CKR_${nameOf(PKCS_11ReturnCode, pkcs11ReturnCode)}`;
  return validityIndicator === undefined ? "success" : `validity ${validityIndicator}`;
}

/** The answer to one message: in words, its payload, and how long it took. */
export interface AnsweredTry extends Seen {
  readonly payload: unknown;
}

/** Sends a message of one item and reads what came of it. Nothing is encoded or decoded while the time runs. */
export async function timed(client: KmipClient, bytes: Buffer, operation: number): Promise<AnsweredTry> {
  const from = process.hrtime.bigint();
  const answer = await client.exchange(bytes);
  const milliseconds = Number(process.hrtime.bigint() - from) / 1_000_000;
  const [item] = readAnswer(decodeItem(answer), V2_1).batchItems;
  if (item === undefined) throw new RangeError("the answer holds no batch item");
  if (item.resultStatus !== ResultStatus.Success) {
    const outcome = `${nameOf(ResultReason, item.resultReason ?? 0)}: ${item.resultMessage ?? ""}`;
    return { outcome, payload: undefined, milliseconds };
  }
  const shapes = payloads.find((row) => row.operation === operation);
  const payload =
    item.responsePayload === undefined ? {} : shapes?.response.decode(item.responsePayload, { version: V2_1 });
  return { outcome: described(payload), payload, milliseconds };
}

/** A message of one item, encoded. */
export function encoded(asked: Asked): Buffer {
  return encodeItem(requestMessageItem(V2_1, [asked]));
}

/** A try that is one message. */
export function oneMessage(operation: number, payload: object): Try {
  const bytes = encoded({ operation, payload });
  return async (client) => timed(client, bytes, operation);
}

/** A try in parts: the first goes ahead, the time of the last one is taken. */
export function inParts(payload: { readonly data: Buffer } & Record<string, unknown>): Try {
  const { data, ...first } = payload;
  const cut = Math.floor(data.length / 2);
  const begin = encoded({
    operation: Operation.Decrypt,
    payload: { ...first, data: data.subarray(0, cut), initIndicator: true },
  });
  const { uniqueIdentifier } = payload;
  return async (client) => {
    const begun = await timed(client, begin, Operation.Decrypt);
    const correlationValue = (begun.payload as { correlationValue?: Buffer } | undefined)?.correlationValue;
    if (correlationValue === undefined) return { ...begun, outcome: `not begun: ${begun.outcome}` };
    const rest = { uniqueIdentifier, correlationValue, finalIndicator: true, data: data.subarray(cut) };
    return timed(client, encoded({ operation: Operation.Decrypt, payload: rest }), Operation.Decrypt);
  };
}
