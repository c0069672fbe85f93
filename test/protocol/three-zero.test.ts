import fc from "fast-check";
import t from "tap";
import { LinkType, NameType, Operation } from "#protocol/enums/index.js";
import { fromThreeZero, toThreeZero, usesThreeZero } from "#protocol/messages/three-zero.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { anyItem } from "#test/support/items.js";
import { structureItem } from "#test/support/kmip-client-messages.js";

const text = (tag: number, value: string): Item => ({ tag, type: ItemType.TextString, value });
const identifier = (tag: number, value: string): Item => ({ tag, type: ItemType.Identifier, value });
const reference = (tag: number, value: string): Item => ({ tag, type: ItemType.Reference, value });
const nameReference = (tag: number, value: string): Item => ({ tag, type: ItemType.NameReference, value });
const enumeration = (tag: number, value: number): Item => ({ tag, type: ItemType.Enumeration, value });
const number = (tag: number, value: number): Item => ({ tag, type: ItemType.Integer, value });
const operation = enumeration(Tag.Operation, Operation.GetAttributes);

function batchId(place: number): Item {
  return { tag: Tag.UniqueBatchItemID, type: ItemType.ByteString, value: Buffer.from([0, 0, 0, place]) };
}

function request(...payloads: readonly Item[]): Item {
  return structureItem(
    Tag.RequestMessage,
    structureItem(Tag.RequestHeader),
    ...payloads.map((payload) => structureItem(Tag.BatchItem, operation, payload)),
  );
}

const payloadOf = (...items: readonly Item[]) => structureItem(Tag.RequestPayload, ...items);
const answerOf = (...items: readonly Item[]) => structureItem(Tag.ResponsePayload, ...items);

/** The answer with the payload of each batch item, as 2.1 words it. */
function answer(...payloads: readonly Item[]): Item {
  return structureItem(
    Tag.ResponseMessage,
    structureItem(Tag.ResponseHeader, number(Tag.BatchCount, payloads.length)),
    ...payloads.map((payload, index) => structureItem(Tag.BatchItem, operation, batchId(index + 1), payload)),
  );
}

/** The answer as 3.0 words it. */
function told(...payloads: readonly Item[]): Item {
  return structureItem(
    Tag.ResponseMessage,
    structureItem(Tag.ResponseHeader),
    ...payloads.map((payload) => structureItem(Tag.BatchItem, operation, payload)),
  );
}

function link(linkType: number, to: string): Item {
  return structureItem(Tag.Link, enumeration(Tag.LinkType, linkType), text(Tag.LinkedObjectIdentifier, to));
}

const name = structureItem(
  Tag.Name,
  text(Tag.NameValue, "a key"),
  enumeration(Tag.NameType, NameType.UninterpretedTextString),
);

t.test("batch items of a request are counted, and known by their places", (t) => {
  const id = payloadOf(identifier(Tag.UniqueIdentifier, "7"));
  const item = (place: number) =>
    structureItem(Tag.BatchItem, operation, batchId(place), payloadOf(text(Tag.UniqueIdentifier, "7")));
  t.same(
    fromThreeZero(request(id, id)),
    structureItem(Tag.RequestMessage, structureItem(Tag.RequestHeader, number(Tag.BatchCount, 2)), item(1), item(2)),
  );
  t.end();
});

t.test("attributes of a request are read as those of 2.1 that say the same", (t) => {
  const said = structureItem(
    Tag.Attributes,
    text(Tag.Name, "a key"),
    reference(Tag.PublicKeyLink, "8"),
    nameReference(Tag.GroupLink, "a group"),
    text(Tag.Comment, "kept"),
  );
  const meant = structureItem(
    Tag.Attributes,
    name,
    link(LinkType.PublicKeyLink, "8"),
    text(Tag.ObjectGroup, "a group"),
    text(Tag.Comment, "kept"),
  );
  const read = fromThreeZero(request(payloadOf(said)));
  const [, item] = read.type === ItemType.Structure ? read.value : [];
  t.same(item, structureItem(Tag.BatchItem, operation, batchId(1), payloadOf(meant)));
  t.end();
});

t.test("a text that is no attribute keeps its place, whatever its tag", (t) => {
  const read = fromThreeZero(request(payloadOf(text(Tag.Name, "not an attribute"))));
  const [, item] = read.type === ItemType.Structure ? read.value : [];
  const kept = payloadOf(text(Tag.Name, "not an attribute"));
  t.same(item, structureItem(Tag.BatchItem, operation, batchId(1), kept));
  t.end();
});

t.test("links of several types are asked for as the one attribute Link", (t) => {
  const asked = [Tag.PublicKeyLink, Tag.State, Tag.PrivateKeyLink, Tag.GroupLink];
  const read = fromThreeZero(request(payloadOf(...asked.map((tag) => enumeration(Tag.AttributeReference, tag)))));
  const meant = [Tag.Link, Tag.State, Tag.ObjectGroup].map((tag) => enumeration(Tag.AttributeReference, tag));
  const [, item] = read.type === ItemType.Structure ? read.value : [];
  t.same(item, structureItem(Tag.BatchItem, operation, batchId(1), payloadOf(...meant)));
  t.end();
});

t.test("an answer tells identifiers, names, links and groups as 3.0 does, without count and batch IDs", (t) => {
  const group = text(Tag.ObjectGroup, "a group");
  const payload = answerOf(
    text(Tag.UniqueIdentifier, "7"),
    structureItem(Tag.Attributes, name, link(LinkType.NextLink, "8"), group, text(Tag.Comment, "kept")),
  );
  t.same(
    toThreeZero(answer(payload), undefined),
    told(
      answerOf(
        identifier(Tag.UniqueIdentifier, "7"),
        structureItem(
          Tag.Attributes,
          text(Tag.Name, "a key"),
          reference(Tag.NextLink, "8"),
          nameReference(Tag.GroupLink, "a group"),
          text(Tag.Comment, "kept"),
        ),
      ),
    ),
  );
  t.end();
});

t.test("where a request named some types of link, its item is answered with those only", (t) => {
  const links = structureItem(Tag.Attributes, link(LinkType.NextLink, "8"), link(LinkType.PreviousLink, "9"));
  const naming = payloadOf(enumeration(Tag.AttributeReference, Tag.PreviousLink));
  const previous = structureItem(Tag.Attributes, reference(Tag.PreviousLink, "9"));
  const both = structureItem(Tag.Attributes, reference(Tag.NextLink, "8"), reference(Tag.PreviousLink, "9"));
  t.same(
    toThreeZero(answer(answerOf(links), answerOf(links)), request(naming, payloadOf())),
    told(answerOf(previous), answerOf(both)),
  );
  t.end();
});

t.test("whatever came, it is put into the words of 2.1 without an item type of 3.0", (t) => {
  const property = fc.property(anyItem, (item) => {
    const message = structureItem(Tag.RequestMessage, structureItem(Tag.RequestHeader), item);
    return !usesThreeZero(fromThreeZero(message));
  });
  t.doesNotThrow(() => fc.assert(property));
  t.end();
});
