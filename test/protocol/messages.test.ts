import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import t from "tap";
import { AsynchronousIndicator, Operation } from "#protocol/enums/index.js";
import { requestHeader, responseHeader } from "#protocol/messages/header.js";
import {
  announcedVersion,
  decodeRequestMessage,
  requestBatchItem,
  requestMessage,
  responseMessage,
} from "#protocol/messages/message.js";
import { MessageError } from "#protocol/schema/error.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import {
  formatVersion,
  majorOf,
  minorOf,
  supportedVersions,
  V1_0,
  V1_2,
  V1_4,
  V2_0,
  V2_1,
} from "#protocol/versions.js";
import { plain, strangersIn } from "#test/support/trees.js";
import { valuesOf } from "#test/support/values.js";

const messages = [
  { name: "request", tag: Tag.RequestMessage, codec: requestMessage },
  { name: "response", tag: Tag.ResponseMessage, codec: responseMessage },
];

for (const version of supportedVersions) {
  t.test(`a message of ${formatVersion(version)} is read as it was written`, (t) => {
    for (const { name, tag, codec } of messages) {
      const property = fc.property(valuesOf(codec, { version, everyField: false }), (value) => {
        const item = codec.encode(tag, value as never, { version });
        deepStrictEqual(plain(codec.decode(item, { version })), plain(value));
      });
      t.doesNotThrow(() => fc.assert(property), name);
    }
    t.end();
  });

  t.test(`headers of ${formatVersion(version)} hold nothing that this version does not define`, (t) => {
    for (const codec of [requestHeader, responseHeader]) {
      const property = fc.property(valuesOf(codec, { version, everyField: true }), (value) => {
        deepStrictEqual(strangersIn(codec.encode(Tag.RequestHeader, value as never, { version }), version), []);
      });
      t.doesNotThrow(() => fc.assert(property), codec.name);
    }
    t.end();
  });
}

function structureOf(tag: number, ...value: readonly Item[]): Item {
  return { tag, type: ItemType.Structure, value };
}

function integerOf(tag: number, value: number): Item {
  return { tag, type: ItemType.Integer, value };
}

function messageOf(version: number, ...batchItems: readonly Item[]): Item {
  const versionItem = structureOf(
    Tag.ProtocolVersion,
    integerOf(Tag.ProtocolVersionMajor, majorOf(version)),
    integerOf(Tag.ProtocolVersionMinor, minorOf(version)),
  );
  const header = structureOf(Tag.RequestHeader, versionItem, integerOf(Tag.BatchCount, batchItems.length));
  return structureOf(Tag.RequestMessage, header, ...batchItems);
}

t.test("the version a message announces is known before the rest of it is read", (t) => {
  t.equal(announcedVersion(messageOf(V1_4)), V1_4);
  t.equal(announcedVersion(messageOf(900, structureOf(Tag.BatchItem))), 900);
  t.end();
});

t.test("a version is not taken for another whose parts come to the same number", (t) => {
  const announced = (major: number, minor: number) =>
    announcedVersion(
      structureOf(
        Tag.RequestMessage,
        structureOf(
          Tag.RequestHeader,
          structureOf(
            Tag.ProtocolVersion,
            { tag: Tag.ProtocolVersionMajor, type: ItemType.Integer, value: major },
            { tag: Tag.ProtocolVersionMinor, type: ItemType.Integer, value: minor },
          ),
        ),
      ),
    );
  t.equal(announced(1, 4), V1_4);
  t.equal(announced(1, 101), 199, "1.101 is not 2.1");
  t.equal(announced(0, 104), 99, "0.104 is not 1.4");
  t.equal(announced(3, -96), undefined, "3.-96 is not 2.4");
  t.equal(announced(-1, 201), undefined);
  t.end();
});

t.test("a message without readable header announces no version", (t) => {
  const textual: Item = { tag: Tag.RequestHeader, type: ItemType.TextString, value: "1.4" };
  t.equal(announcedVersion(structureOf(Tag.RequestMessage)), undefined);
  t.equal(announcedVersion(structureOf(Tag.RequestMessage, textual)), undefined);
  t.equal(announcedVersion(structureOf(Tag.RequestMessage, structureOf(Tag.RequestHeader))), undefined);
  const empty = structureOf(Tag.RequestHeader, structureOf(Tag.ProtocolVersion));
  t.equal(announcedVersion(structureOf(Tag.RequestMessage, empty)), undefined);
  t.end();
});

t.test("a bad batch item does not keep the message from being read", (t) => {
  const message = decodeRequestMessage(messageOf(V1_2, structureOf(Tag.BatchItem)), { version: V1_2 });
  t.equal(message.batchItems.length, 1);
  t.throws(() => requestBatchItem.decode(structureOf(Tag.BatchItem), { version: V1_2 }), { code: "missing-field" });
  t.end();
});

t.test("what is no Request Message is refused", (t) => {
  const { tag, ...rest } = messageOf(V1_2);
  t.equal(tag, Tag.RequestMessage);
  const response = { tag: Tag.ResponseMessage, ...rest } as Item;
  t.throws(() => decodeRequestMessage(response, { version: V1_2 }), { code: "unknown-field" });
  t.end();
});

t.test("a field a header does not know is refused, a vendor's extension passed over", (t) => {
  const header = (extra: Item) => {
    const message = messageOf(V2_1);
    const [first] = message.type === ItemType.Structure ? message.value : [];
    return { ...first, value: [...((first?.value as readonly Item[]) ?? []), extra] } as Item;
  };
  const context = { version: V2_1 };
  t.throws(() => requestHeader.decode(header(integerOf(Tag.CryptographicLength, 1)), context), {
    code: "unknown-field",
  });
  t.equal(requestHeader.decode(header(integerOf(0x540001, 1)), context).batchCount, 0);
  t.throws(() => requestHeader.decode(header(integerOf(Tag.BatchCount, 1)), context), { code: "repeated-field" });
  t.end();
});

t.test("an error names the structures and fields that lead to it", (t) => {
  const broken = structureOf(Tag.RequestMessage, structureOf(Tag.RequestHeader, integerOf(Tag.BatchCount, 1)));
  try {
    decodeRequestMessage(broken, { version: V1_0 });
    t.fail("it was read");
  } catch (error) {
    t.ok(error instanceof MessageError);
    t.match(error, { code: "missing-field", path: ["RequestMessage.requestHeader", "RequestHeader.protocolVersion"] });
  }
  t.end();
});

t.test("the Asynchronous Indicator is a Boolean before 2.0 and an Enumeration since", (t) => {
  const header = (version: number, asynchronousIndicator: number) =>
    requestHeader.encode(
      Tag.RequestHeader,
      { protocolVersion: version, asynchronousIndicator, attestationType: [], batchCount: 1 },
      { version },
    ).value as readonly Item[];
  const indicator = { tag: Tag.AsynchronousIndicator };
  t.match(header(V1_4, AsynchronousIndicator.Optional)[1], { ...indicator, type: ItemType.Boolean, value: true });
  t.match(header(V1_4, AsynchronousIndicator.Prohibited)[1], { ...indicator, type: ItemType.Boolean, value: false });
  t.match(header(V2_0, AsynchronousIndicator.Mandatory)[1], { ...indicator, type: ItemType.Enumeration, value: 1 });
  t.end();
});

t.test("the payload of a batch item stays a tree until its operation is known", (t) => {
  const payload = structureOf(Tag.RequestPayload, integerOf(Tag.MaximumItems, 3));
  const operation: Item = { tag: Tag.Operation, type: ItemType.Enumeration, value: Operation.Locate };
  const item = requestBatchItem.decode(structureOf(Tag.BatchItem, operation, payload), { version: V1_0 });
  t.same(item.requestPayload, payload);
  t.end();
});
