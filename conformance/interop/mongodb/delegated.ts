import assert from "node:assert/strict";
import { openConnection } from "#conformance/connections.js";
import { Tag } from "#protocol/tags.js";
import type { Item } from "#protocol/ttlv/item.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { readClientFiles } from "#src/kmip-client/identity.js";
import type { InteropServer } from "../interop-server.js";

/**
 * What libmongocrypt from 1.10 on sends where the master key stays on the server ("delegated"), byte for byte as the
 * protocol has it: one message a connection, without a batch item identifier, Activate in 1.0 and the rest in 1.2. The
 * identifier has 36 bytes, the data key 96, an IV 16 and an encrypted data key 112.
 */
const hex = {
  create: [
    "42007801 00000120", // Request Message
    "42007701 00000038 42006901 00000020 42006A02 00000004 00000001 00000000 42006B02 00000004 00000002 00000000",
    "42000D02 00000004 00000001 00000000", // Batch Count
    "42000F01 000000D8 42005C05 00000004 00000001 00000000", // Create
    "42007901 000000C0 42005705 00000004 00000002 00000000", // Symmetric Key
    "42009101 000000A8",
    "42000801 00000030 42000A07 00000017 43727970746F6772617068696320416C676F726974686D 00",
    "42000B05 00000004 00000003 00000000", // AES
    "42000801 00000030 42000A07 00000014 43727970746F67726170686963204C656E677468 00000000",
    "42000B02 00000004 00000100 00000000", // 256
    "42000801 00000030 42000A07 00000018 43727970746F67726170686963205573616765204D61736B",
    "42000B02 00000004 0000000C 00000000", // Encrypt, Decrypt
  ],
  activate: [
    "42007801 00000090",
    "42007701 00000038 42006901 00000020 42006A02 00000004 00000001 00000000 42006B02 00000004 00000000 00000000",
    "42000D02 00000004 00000001 00000000",
    "42000F01 00000048 42005C05 00000004 00000012 00000000 42007901 00000030 42009407 00000024",
    "IDENTIFIER 00000000",
  ],
  encrypt: [
    "42007801 00000140",
    "42007701 00000038 42006901 00000020 42006A02 00000004 00000001 00000000 42006B02 00000004 00000002 00000000",
    "42000D02 00000004 00000001 00000000",
    "42000F01 000000F8 42005C05 00000004 0000001F 00000000 42007901 000000E0 42009407 00000024",
    "IDENTIFIER 00000000",
    "42002B01 00000040",
    "42001105 00000004 00000001 00000000", // CBC
    "42005F05 00000004 00000003 00000000", // PKCS5
    "42002805 00000004 00000003 00000000", // AES
    "4200C506 00000008 00000000 00000001", // Random IV
    "4200C208 00000060 DATA",
  ],
  decrypt: [
    "42007801 00000158",
    "42007701 00000038 42006901 00000020 42006A02 00000004 00000001 00000000 42006B02 00000004 00000002 00000000",
    "42000D02 00000004 00000001 00000000",
    "42000F01 00000110 42005C05 00000004 00000020 00000000 42007901 000000F8 42009407 00000024",
    "IDENTIFIER 00000000",
    "42002B01 00000030",
    "42001105 00000004 00000001 00000000",
    "42005F05 00000004 00000003 00000000",
    "42002805 00000004 00000003 00000000",
    "4200C208 00000070 DATA",
    "42003D08 00000010 IV",
  ],
} as const;

interface Filling {
  readonly identifier?: string;
  readonly data?: Buffer;
  readonly iv?: Buffer;
}

/** The bytes of a message, its holes filled. */
export function delegatedMessage(name: keyof typeof hex, { identifier = "", data, iv }: Filling = {}): Buffer {
  const text = hex[name]
    .join("")
    .replace("IDENTIFIER", Buffer.from(identifier).toString("hex"))
    .replace("DATA", data?.toString("hex") ?? "")
    .replace("IV", iv?.toString("hex") ?? "");
  return Buffer.from(text.replaceAll(" ", ""), "hex");
}

/** Sends a message over a connection of its own and gives the payload of the answer, which has to be a success. */
export async function sendDelegated(
  server: InteropServer,
  name: keyof typeof hex,
  filling: Filling = {},
): Promise<readonly Item[]> {
  const bytes = delegatedMessage(name, filling);
  const message = decodeItem(bytes);
  assert.deepEqual(encodeItem(message), bytes, "the message is what stands above, to the byte");
  const connection = await openConnection("ttlv", server, readClientFiles(server.client.folder));
  try {
    const answer = await connection.request(message);
    const item = childrenOf(childrenOf([answer], Tag.ResponseMessage), Tag.BatchItem);
    const status = item.find(({ tag }) => tag === Tag.ResultStatus);
    assert.equal(
      status?.value,
      0,
      JSON.stringify(item, (_, value) => (typeof value === "bigint" ? `${value}` : value)),
    );
    return childrenOf(item, Tag.ResponsePayload);
  } finally {
    await connection.close();
  }
}

/** What stands in the structure of a tag. Throws where it is not there. */
function childrenOf(items: readonly Item[], tag: number): readonly Item[] {
  const found = items.find((item) => item.tag === tag)?.value;
  assert.ok(Array.isArray(found), `a structure ${tag.toString(16)}`);
  return found;
}

/** The bytes or the text of a field. Throws where it is not there. */
export function fieldOf(items: readonly Item[], tag: number): Buffer {
  const value = items.find((item) => item.tag === tag)?.value;
  assert.ok(typeof value === "string" || Buffer.isBuffer(value), `a field ${tag.toString(16)}`);
  return Buffer.from(value as string);
}
