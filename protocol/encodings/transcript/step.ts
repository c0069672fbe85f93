import { type Item, ItemType } from "../../ttlv/item.js";

/** What stands in the place of a value. */
export type StandIn =
  /** `$name`: bound by the first answer that holds it, and equal to that value ever after. */
  | { readonly kind: "variable"; readonly name: string }
  /** `$now`, `$now-60`: the moment of the step, plus an offset in seconds. */
  | { readonly kind: "now"; readonly offset: number }
  /** `$any`: any value of the type, any content of a structure. */
  | { readonly kind: "any" }
  /**
   * `<redacted 32 bytes #3f2a91c0>`: a secret. `bytes` is its length where the type has one; `digest` is the same for
   * equal secrets of one transcript, and says nothing else.
   */
  | { readonly kind: "redacted"; readonly bytes: number | undefined; readonly digest: string | undefined };

/** One item of a message: its tag, type and value, or what stands in for the value. */
export interface TranscriptItem {
  /** With a stand-in the value is an empty one of the type. */
  readonly item: Item;
  readonly standIn?: StandIn | undefined;
  /** Of a Structure; their items are those in `item`. */
  readonly children: readonly TranscriptItem[];
}

/** An item as it is, without stand-ins. */
export function exactly(item: Item): TranscriptItem {
  return { item, children: item.type === ItemType.Structure ? item.value.map(exactly) : [] };
}

/** A Structure of the children, which may be or hold stand-ins. */
export function structureOf(tag: number, children: readonly TranscriptItem[]): TranscriptItem {
  return { item: { tag, type: ItemType.Structure, value: children.map(({ item }) => item) }, children };
}

/** How a connection is opened. */
export interface ConnectOptions {
  /** KMIP in TTLV over TLS unless another: over HTTPS in TTLV, XML or JSON. */
  readonly over?: "https" | "xml" | "json" | undefined;
  /** The only version of TLS that the client offers: "1.2". */
  readonly tls?: string | undefined;
  /** The only cipher suite that the client offers, as OpenSSL names it. */
  readonly cipher?: string | undefined;
  /** The client shows no certificate. */
  readonly withoutCertificate?: boolean | undefined;
  /** The client goes on with the TLS session of the connection of this name before. */
  readonly resumed?: boolean | undefined;
  /** TCP without TLS. */
  readonly plain?: boolean | undefined;
  /** The server must not let the client in. */
  readonly refused?: boolean | undefined;
}

/** How a request reaches the socket. */
export interface Delivery {
  /** In several writes of this many bytes. */
  readonly piecesOf?: number | undefined;
  /** Not yet: in one write with the request that follows on the connection. */
  readonly withNext?: boolean | undefined;
}

/** What must be true of the bytes of an answer. */
export interface Arrival {
  /** It lies in one TLS record. */
  readonly inOneRecord?: boolean | undefined;
  readonly maximumBytes?: number | undefined;
}

/** Where a step happens. */
export interface StepPlace {
  /** The name of the connection. */
  readonly connection: string;
  /** Whose connection it is, where the step says so. */
  readonly client?: string | undefined;
}

/** A message that could not be read: only how long it was, and what was wrong. */
export interface Unreadable {
  readonly bytes: number;
  readonly reason: string;
}

/** What a client did, or saw. */
export type TranscriptAction =
  | ({ readonly kind: "connect" } & ConnectOptions)
  /** The client closes the connection. */
  | { readonly kind: "close" }
  /** The client ends its half of the connection and still reads. */
  | { readonly kind: "end" }
  /** The server closes the connection. */
  | { readonly kind: "closed" }
  | { readonly kind: "wait"; readonly seconds: number }
  | ({ readonly kind: "send"; readonly message?: TranscriptItem; readonly unreadable?: Unreadable } & Delivery)
  /** Without a message, any answer. */
  | ({ readonly kind: "receive"; readonly message?: TranscriptItem; readonly unreadable?: Unreadable } & Arrival);

export type TranscriptStep = StepPlace & TranscriptAction;

/** A step as it stands in a text. */
export type ReadStep = TranscriptStep & {
  /** Its line, counted from 1. */
  readonly line: number;
};

/** The connection of steps that name none. */
export const firstConnection = "1";

/** Facts about a transcript, in order: who was recorded, when, with which server. */
export type Heading = readonly (readonly [name: string, value: string])[];

export interface Transcript {
  readonly heading: Heading;
  readonly steps: readonly ReadStep[];
}
