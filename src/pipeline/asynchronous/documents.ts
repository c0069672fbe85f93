import type { Item } from "#protocol/ttlv/item.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import type { ProtocolVersion } from "#protocol/versions.js";
import type { ReasonName } from "#src/objects/kmip-error.js";
import type { PlaceholderSnapshot } from "../placeholder.js";
import type { Sealing } from "../services.js";

/** What is kept of a batch item until it is worked on. It may hold keys and passwords, and so is only ever sealed. */
export interface RequestDocument {
  readonly version: ProtocolVersion;
  /** Value of Batch Error Continuation Option. */
  readonly continuation: number;
  /** Null where a credential took the place of a certificate. */
  readonly certificateFingerprint: string | null;
  /** The name that the credential of the request went by; the credential itself was checked and is not kept. */
  readonly subject: string | undefined;
  readonly sourceAddress: string;
  readonly correlationId: string;
  /** The placeholder as the items before the first asynchronous one left it. */
  readonly placeholder: PlaceholderSnapshot;
  /** The Request Header and the Batch Item as they came. */
  readonly header: Item;
  readonly item: Item;
}

/** How a batch item ended, with what it left for the items behind it. */
export interface AnswerDocument {
  readonly version: ProtocolVersion;
  readonly placeholder: PlaceholderSnapshot;
  readonly payload: Item | undefined;
  readonly failure:
    | { readonly reason: ReasonName; readonly message: string; readonly oneXReason?: ReasonName | undefined }
    | undefined;
}

/** What a document is sealed under: one that is copied to another row does not open. */
function contextOf(kind: "request" | "answer", tenantId: string, id: string): string {
  return `asynchronous ${kind}: ${tenantId}/${id}`;
}

type Trees = readonly (Item | undefined)[];

/** Layout: JSON, then the trees as TTLV, each part behind its length in four bytes. */
function pack(fields: object, trees: Trees): Buffer {
  const parts = [
    Buffer.from(JSON.stringify(fields), "utf8"),
    ...trees.map((tree) => (tree === undefined ? Buffer.alloc(0) : encodeItem(tree))),
  ];
  const lengths = parts.map(({ length }) => {
    const header = Buffer.alloc(4);
    header.writeUInt32BE(length);
    return header;
  });
  const packed = Buffer.concat(parts.flatMap((part, index) => [lengths[index] ?? Buffer.alloc(0), part]));
  for (const part of parts) part.fill(0);
  return packed;
}

function unpack(bytes: Buffer): { readonly fields: unknown; readonly trees: Trees } {
  const parts: Buffer[] = [];
  for (let position = 0; position < bytes.length; ) {
    const length = bytes.readUInt32BE(position);
    parts.push(Buffer.from(bytes.subarray(position + 4, position + 4 + length)));
    position += 4 + length;
  }
  const [fields, ...trees] = parts;
  return {
    fields: JSON.parse(fields?.toString("utf8") ?? "null"),
    trees: trees.map((tree) => (tree.length === 0 ? undefined : decodeItem(tree))),
  };
}

function required(tree: Item | undefined): Item {
  if (tree === undefined) throw new TypeError("a sealed document lacks a part");
  return tree;
}

async function seal(sealing: Sealing, bytes: Buffer, context: string): Promise<Buffer> {
  try {
    return await sealing.seal(bytes, context);
  } finally {
    bytes.fill(0);
  }
}

/** Names a document: the row it belongs to. */
export interface DocumentKey {
  readonly tenantId: string;
  readonly id: string;
}

/** Seals what is to be done. Throws CryptoError. */
export function sealRequest(sealing: Sealing, key: DocumentKey, document: RequestDocument): Promise<Buffer> {
  const { header, item, ...fields } = document;
  return seal(sealing, pack(fields, [header, item]), contextOf("request", key.tenantId, key.id));
}

/** Opens what is to be done. Throws CryptoError. */
export async function openRequest(sealing: Sealing, key: DocumentKey, sealed: Buffer): Promise<RequestDocument> {
  const bytes = await sealing.unseal(sealed, contextOf("request", key.tenantId, key.id));
  const { fields, trees } = unpack(bytes);
  bytes.fill(0);
  const rest = fields as Omit<RequestDocument, "header" | "item">;
  return { ...rest, header: required(trees[0]), item: required(trees[1]) };
}

/** Seals how a request ended. Throws CryptoError. */
export function sealAnswer(sealing: Sealing, key: DocumentKey, document: AnswerDocument): Promise<Buffer> {
  const { payload, ...fields } = document;
  return seal(sealing, pack(fields, [payload]), contextOf("answer", key.tenantId, key.id));
}

/** Opens how a request ended. Throws CryptoError. */
export async function openAnswer(sealing: Sealing, key: DocumentKey, sealed: Buffer): Promise<AnswerDocument> {
  const bytes = await sealing.unseal(sealed, contextOf("answer", key.tenantId, key.id));
  const { fields, trees } = unpack(bytes);
  bytes.fill(0);
  return { ...(fields as Omit<AnswerDocument, "payload">), payload: trees[0] };
}
