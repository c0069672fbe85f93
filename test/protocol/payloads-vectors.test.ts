import { deepStrictEqual } from "node:assert/strict";
import { join } from "node:path";
import t from "tap";
import { OperationTable } from "#protocol/enums/index.js";
import { announcedVersion, requestMessage, responseMessage } from "#protocol/messages/message.js";
import { payloads } from "#protocol/payloads/index.js";
import type { StructureCodec } from "#protocol/schema/structure.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import type { ProtocolVersion } from "#protocol/versions.js";
import { messagesOfCases } from "#test/support/oasis-cases.js";
import { specificationFolder } from "#test/support/specification-folder.js";

/** The published cases of each version: how many messages they hold, and how many of these carry payloads. */
const published = [
  { version: "1.0", messages: 568, payloads: 611 },
  { version: "1.1", messages: 700, payloads: 761 },
  { version: "1.2", messages: 924, payloads: 981 },
  { version: "1.3", messages: 410, payloads: 425 },
  { version: "1.4", messages: 616, payloads: 639 },
  { version: "2.0", messages: 472, payloads: 495 },
  { version: "2.1", messages: 628, payloads: 645 },
];

const rows = new Map(payloads.map((row) => [row.operation, row]));

function childrenOf(item: Item, tag: number): readonly Item[] {
  return item.type === ItemType.Structure ? item.value.filter((child) => child.tag === tag) : [];
}

/** The payloads of a message, each with the codec that its batch item's operation gives it. */
function payloadsOf(
  message: Item,
): readonly { name: string; item: Item; codec: StructureCodec<unknown> | undefined }[] {
  return childrenOf(message, Tag.BatchItem).flatMap((batchItem) => {
    const [operation] = childrenOf(batchItem, Tag.Operation);
    const code = operation?.type === ItemType.Enumeration ? operation.value : 0;
    const name = OperationTable.byValue.get(code)?.name ?? "no operation";
    return [
      ...childrenOf(batchItem, Tag.RequestPayload).map((item) => ({ name, item, codec: rows.get(code)?.request })),
      ...childrenOf(batchItem, Tag.ResponsePayload).map((item) => ({ name, item, codec: rows.get(code)?.response })),
    ];
  });
}

function mustRoundTrip(codec: StructureCodec<unknown> | undefined, item: Item, version: ProtocolVersion): void {
  if (codec === undefined) throw new TypeError("no codec");
  deepStrictEqual(codec.encode(item.tag, codec.decode(item, { version }), { version }), item);
}

const folder = specificationFolder() ?? "";
const skip = folder === "" && "the published test cases are not here";

for (const expected of published) {
  t.test(
    `messages of the OASIS cases of ${expected.version} are read and written back item for item`,
    { skip },
    (t) => {
      const found = { version: expected.version, messages: 0, payloads: 0 };
      for (const { place, item } of messagesOfCases(join(folder, "vectors", expected.version))) {
        const version = announcedVersion(item) ?? 0;
        found.messages += 1;
        const codec = item.tag === Tag.RequestMessage ? requestMessage : responseMessage;
        t.doesNotThrow(() => mustRoundTrip(codec, item, version), place);
        for (const payload of payloadsOf(item)) {
          found.payloads += 1;
          t.doesNotThrow(() => mustRoundTrip(payload.codec, payload.item, version), `${place}, ${payload.name}`);
        }
      }
      t.same(found, expected);
      t.end();
    },
  );
}
