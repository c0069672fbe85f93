import t from "tap";
import { attributeOneX, attributeReference, decodeTwoX, encodeTwoX } from "#protocol/attributes/codecs.js";
import { attributeByName, attributeDefinitions } from "#protocol/attributes/definitions.js";
import { attributeList, attributeName, changedAttribute, requestedAttributes } from "#protocol/attributes/fields.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import { NameType, State } from "#protocol/enums/index.js";
import { MessageError } from "#protocol/schema/error.js";
import { factOfTag, Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { V1_0, V1_3, V1_4, V2_0, V2_1 } from "#protocol/versions.js";

const state: AttributeInstance = { name: "State", value: State.Active };
const name: AttributeInstance = { name: "Name", value: { nameValue: "k", nameType: NameType.UninterpretedTextString } };
const comment: AttributeInstance = { name: "Comment", value: "since 1.4" };
const barcode: AttributeInstance = {
  name: "x-Barcode",
  value: { tag: Tag.AttributeValue, type: ItemType.TextString, value: "||| |" },
};

function namesWritten(items: readonly Item[]): readonly unknown[] {
  return items.map((item) => (item.type === ItemType.Structure ? item.value[0]?.value : undefined));
}

t.test("an attribute bears the name that the specification gives its tag, and no other attribute's", (t) => {
  for (const { name, tag } of attributeDefinitions) t.equal(factOfTag(tag)?.specName, name);
  t.equal(new Set(attributeDefinitions.map((definition) => definition.name)).size, attributeDefinitions.length);
  t.equal(new Set(attributeDefinitions.map((definition) => definition.tag)).size, attributeDefinitions.length);
  t.end();
});

t.test("no attribute stands in a version before its tag does", (t) => {
  for (const { tag, span, name } of attributeDefinitions)
    t.ok((span.since ?? V1_0) >= (factOfTag(tag)?.since ?? 999), name);
  t.end();
});

t.test("an answer leaves out the attributes that its version has not", (t) => {
  const list = attributeList({ always: true });
  t.same(namesWritten(list.encode([state, comment, barcode], { version: V1_3 })), ["State", "x-Barcode"]);
  t.same(namesWritten(list.encode([state, comment, barcode], { version: V1_4 })), ["State", "Comment", "x-Barcode"]);
  t.same(changedAttribute.encode(comment, { version: V1_3 }), []);
  t.end();
});

t.test("an attribute of another vendor is written in 2.x only, since 1.x cannot name it", (t) => {
  const list = attributeList({ always: true });
  const acme = { ...barcode, name: "acme/Barcode" };
  t.same(list.encode([acme], { version: V1_4 }), []);
  t.same(list.decode(list.encode([acme], { version: V2_0 }), { version: V2_0 }), [acme]);
  t.end();
});

t.test("a custom attribute of 1.x is vendor x's or y's in 2.x", (t) => {
  const item = encodeTwoX(barcode, { version: V2_1 });
  t.same(item.type === ItemType.Structure && item.value.map(({ tag, value }) => ({ tag, value })), [
    { tag: Tag.VendorIdentification, value: "x" },
    { tag: Tag.AttributeName, value: "Barcode" },
    { tag: Tag.AttributeValue, value: "||| |" },
  ]);
  t.same(decodeTwoX(item, { version: V2_1 }), barcode);
  t.end();
});

t.test("the attributes asked for a new object read alike from 1.x and 2.x", (t) => {
  const field = requestedAttributes(Tag.TemplateAttribute, Tag.Attributes);
  const value = { attributes: [name, state], templates: [] };
  for (const version of [V1_0, V2_1]) {
    const items = field.encode(value, { version });
    t.same(
      items.map(({ tag }) => tag),
      [version === V1_0 ? Tag.TemplateAttribute : Tag.Attributes],
    );
    t.match(field.decode(items, { version }), value);
  }
  t.end();
});

t.test("templates that a 1.x request names are kept apart from its attributes", (t) => {
  const field = requestedAttributes(Tag.TemplateAttribute, Tag.Attributes);
  const template = { nameValue: "t", nameType: NameType.UninterpretedTextString };
  const items = field.encode({ attributes: [state], templates: [template] }, { version: V1_4 });
  t.match(field.decode(items, { version: V1_4 }), { attributes: [state], templates: [template] });
  t.end();
});

t.test("an empty list of attributes is written where its structure must stand, and in 2.x alone", (t) => {
  const context = { version: V2_1 };
  t.same(attributeList({ always: false }).encode([], context), []);
  t.equal(attributeList({ always: true }).encode([], context).length, 1);
  t.same(attributeList({ always: true }).encode([], { version: V1_4 }), []);
  t.end();
});

t.test("the filter of Locate may stand in a Template-Attribute, as some 1.x clients write it", (t) => {
  const wrapped = requestedAttributes(Tag.TemplateAttribute, Tag.Attributes).encode(
    { attributes: [state], templates: [] },
    { version: V1_0 },
  );
  t.match(attributeList({ always: true }).decode(wrapped, { version: V1_0 }), [state]);
  t.end();
});

t.test("an attribute is named in 1.x and referred to by its tag in 2.x", (t) => {
  t.same(attributeName.encode("State", { version: V1_4 }), [
    { tag: Tag.AttributeName, type: ItemType.TextString, value: "State" },
  ]);
  t.same(attributeName.encode("State", { version: V2_0 }), [
    { tag: Tag.AttributeReference, type: ItemType.Enumeration, value: Tag.State },
  ]);
  t.end();
});

t.test("a reference to a tag that is no attribute is an unknown attribute", (t) => {
  const item: Item = { tag: Tag.AttributeReference, type: ItemType.Enumeration, value: Tag.BatchItem };
  t.throws(() => attributeReference.decode(item, { version: V2_1 }), { code: "unknown-attribute" });
  t.end();
});

t.test("a value of the wrong type is refused, and the error names the attribute", (t) => {
  const item: Item = {
    tag: Tag.Attribute,
    type: ItemType.Structure,
    value: [
      { tag: Tag.AttributeName, type: ItemType.TextString, value: "Cryptographic Length" },
      { tag: Tag.AttributeValue, type: ItemType.TextString, value: "256" },
    ],
  };
  try {
    attributeOneX.decode(item, { version: V1_4 });
    t.fail("it was read");
  } catch (error) {
    t.ok(error instanceof MessageError);
    t.match(error, { code: "wrong-type", path: ["Cryptographic Length"] });
  }
  t.end();
});

t.test("an attribute that nobody defines keeps its value as it came", (t) => {
  const value: Item = { tag: Tag.AttributeValue, type: ItemType.Integer, value: 7 };
  const item = attributeOneX.encode(Tag.Attribute, { name: "Colour", value }, { version: V1_4 });
  t.equal(attributeByName("Colour"), undefined);
  t.match(attributeOneX.decode(item, { version: V1_4 }), { name: "Colour", value });
  t.end();
});
