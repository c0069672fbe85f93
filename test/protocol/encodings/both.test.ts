import t from "tap";
import { itemFromJson, itemToJson } from "#protocol/encodings/json.js";
import { itemFromXml, itemToXml } from "#protocol/encodings/xml.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { structure } from "#test/support/items.js";
import { refusal } from "#test/support/refusal.js";

const attribute = (name: string, type: typeof ItemType.Enumeration | typeof ItemType.Integer, value: number) =>
  structure(
    Tag.Attribute,
    { tag: Tag.AttributeName, type: ItemType.TextString, value: name },
    { tag: Tag.AttributeValue, type, value },
  );

t.test("an Attribute Value is named by the enumeration or mask of the Attribute Name beside it", async (t) => {
  const algorithm = attribute("Cryptographic Algorithm", ItemType.Enumeration, 3);
  const mask = attribute("Cryptographic Usage Mask", ItemType.Integer, 12);
  t.match(itemToXml(algorithm), '<AttributeValue type="Enumeration" value="AES"/>');
  t.match(itemToXml(mask), '<AttributeValue type="Integer" value="Encrypt Decrypt"/>');
  t.match(itemToJson(algorithm), '"value":"AES"');
  t.match(itemToJson(mask), '"value":"Encrypt|Decrypt"');
  for (const item of [algorithm, mask]) {
    t.strictSame(itemFromXml(itemToXml(item)), item);
    t.strictSame(itemFromJson(itemToJson(item)), item);
  }
});

t.test("an Attribute Value of an unknown attribute is a number", async (t) => {
  const item = attribute("x-colour", ItemType.Enumeration, 3);
  t.match(itemToXml(item), '<AttributeValue type="Enumeration" value="0x00000003"/>');
  t.strictSame(itemFromXml(itemToXml(item)), item);
});

t.test("an Attribute Name means the same to those who write and those who read, wherever it stands", async (t) => {
  const mask: Item = { tag: Tag.AttributeValue, type: ItemType.Integer, value: 0xc };
  const named = (name: Item, tag: number): Item => ({ tag, type: ItemType.Structure, value: [name, mask] });
  const words = "Cryptographic Usage Mask";
  const names: readonly Item[] = [
    { tag: Tag.AttributeName, type: ItemType.TextString, value: words },
    { tag: Tag.AttributeName, type: ItemType.Identifier, value: words },
    { tag: Tag.AttributeName, type: ItemType.ByteString, value: Buffer.from(words) },
  ];
  for (const name of names) {
    for (const tag of [Tag.Attribute, Tag.TemplateAttribute, 0x540001]) {
      const item = named(name, tag);
      t.same(itemFromXml(itemToXml(item)), item);
      t.same(itemFromJson(itemToJson(item)), item);
    }
  }
  const generic = itemToXml(named({ tag: Tag.AttributeName, type: ItemType.TextString, value: words }, Tag.Attribute));
  t.same(
    itemFromXml(generic.replace("<AttributeName", '<TTLV tag="0x42000A"')),
    itemFromXml(generic),
    "also where its tag is written as a number",
  );
});

t.test("a mask that repeats its names without end is refused before it is read", async (t) => {
  const names = "0x1 ".repeat(200_000);
  const tag = "CryptographicUsageMask";
  t.equal(
    refusal(() => itemFromXml(`<${tag} type="Integer" value="${names}"/>`)),
    "bad-value",
  );
  t.equal(
    refusal(() => itemFromJson(JSON.stringify({ tag, type: "Integer", value: names }))),
    "bad-value",
  );
});

t.test("XML and JSON have the limits of TTLV", async (t) => {
  const xml = (depth: number) => `${"<RequestMessage>".repeat(depth)}${"</RequestMessage>".repeat(depth)}`;
  const json = (depth: number) => `${'{"tag":"RequestMessage","value":['.repeat(depth)}${"]}".repeat(depth)}`;
  const xmlItems = (items: number) => `<RequestMessage>${"<RequestMessage/>".repeat(items - 1)}</RequestMessage>`;
  for (const [read, nested] of [
    [itemFromXml, xml],
    [itemFromJson, json],
  ] as const) {
    t.equal(
      refusal(() => read(nested(32))),
      "accepted",
    );
    t.equal(
      refusal(() => read(nested(33))),
      "too-deep",
    );
    t.equal(
      refusal(() => read(nested(20_000))),
      "too-deep",
    );
    t.equal(
      refusal(() => read(nested(1), { maximumBytes: 10 })),
      "too-large",
    );
    t.equal(
      refusal(() => read(nested(3), { maximumItems: 3 })),
      "accepted",
    );
    t.equal(
      refusal(() => read(nested(4), { maximumItems: 3 })),
      "too-many-items",
    );
  }
  t.equal(
    refusal(() => itemFromXml(xmlItems(20_000))),
    "accepted",
  );
  t.equal(
    refusal(() => itemFromXml(xmlItems(20_001))),
    "too-many-items",
  );
});

t.test("an error never shows a value of the message", async (t) => {
  const secret = "correct-horse";
  for (const read of [
    () => itemFromXml(`<Salt type="ByteString" value="${secret}"/>`),
    () => itemFromXml(`<ObjectType type="Enumeration" value="${secret}"/>`),
    () => itemFromXml(`<Password type="TextString" value="${secret}"`),
    () => itemFromJson(`{"tag":"Password","type":"TextString","value":"${secret}`),
  ]) {
    try {
      read();
      t.fail("accepted");
    } catch (error) {
      t.notMatch(String(error), secret);
    }
  }
});
