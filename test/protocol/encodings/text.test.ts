import t from "tap";
import { itemToText } from "#protocol/encodings/text.js";
import { ObjectType, Operation } from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { structure } from "#test/support/items.js";

const text = (tag: number, value: string): Item => ({ tag, type: ItemType.TextString, value });
const bytes = (tag: number, value: Buffer): Item => ({ tag, type: ItemType.ByteString, value });

t.test("a message is shown as an indented tree with names", async (t) => {
  const message = structure(
    Tag.BatchItem,
    { tag: Tag.Operation, type: ItemType.Enumeration, value: Operation.Create },
    bytes(Tag.UniqueBatchItemID, Buffer.from("0102", "hex")),
    structure(
      Tag.RequestPayload,
      { tag: Tag.ObjectType, type: ItemType.Enumeration, value: ObjectType.SymmetricKey },
      structure(Tag.Attribute, text(Tag.AttributeName, "Cryptographic Usage Mask"), {
        tag: Tag.AttributeValue,
        type: ItemType.Integer,
        value: 12,
      }),
      { tag: Tag.ActivationDate, type: ItemType.DateTime, value: 0n },
    ),
  );
  t.equal(
    itemToText(message),
    [
      "BatchItem",
      "  Operation: Create",
      "  UniqueBatchItemID: 0102",
      "  RequestPayload",
      "    ObjectType: SymmetricKey",
      "    Attribute",
      '      AttributeName: "Cryptographic Usage Mask"',
      "      AttributeValue: Encrypt|Decrypt",
      "    ActivationDate: 1970-01-01T00:00:00+00:00",
    ].join("\n"),
  );
});

const secret = "do-not-show-this";
const secretBytes = Buffer.from(secret);
const secretNumber = BigInt(`0x${secretBytes.toString("hex")}`);

const secrets: readonly Item[] = [
  bytes(Tag.KeyMaterial, secretBytes),
  structure(Tag.KeyMaterial, { tag: Tag.PrivateExponent, type: ItemType.BigInteger, value: secretNumber }),
  structure(Tag.KeyMaterial, bytes(Tag.Key, secretBytes), text(Tag.NameValue, secret)),
  bytes(Tag.KeyValue, secretBytes),
  text(Tag.Password, secret),
  bytes(Tag.Data, secretBytes),
  bytes(Tag.IVCounterNonce, secretBytes),
  bytes(Tag.MACData, secretBytes),
  bytes(Tag.SignatureData, secretBytes),
  bytes(Tag.OneTimePassword, secretBytes),
  text(Tag.OneTimePassword, secret),
  bytes(Tag.TicketValue, secretBytes),
  structure(Tag.VendorExtension, text(Tag.NameValue, secret)),
  text(0x540001, secret),
  bytes(0x540001, secretBytes),
  bytes(Tag.AttributeValue, secretBytes),
  structure(0x540002, text(Tag.NameValue, secret)),
];

for (const item of secrets) {
  const name = itemToText(item).replace(/\s+/g, " ");
  t.test(`${name} hides its value`, async (t) => {
    const shown = itemToText(structure(Tag.RequestMessage, item));
    for (const form of [secret, secretBytes.toString("hex"), secretBytes.toString("base64"), String(secretNumber)]) {
      t.notOk(shown.includes(form));
    }
  });
}

t.test("the length of hidden bytes is shown", async (t) => {
  t.equal(itemToText(bytes(Tag.KeyMaterial, Buffer.alloc(32))), "KeyMaterial: (32 bytes)");
});

t.test("control characters in a text cannot start a line of their own in a log", async (t) => {
  t.equal(itemToText(text(Tag.NameValue, "a\nb\u001b[0m")), 'NameValue: "a\\nb\\u001b[0m"');
});

t.test("a long text and a long message are cut", async (t) => {
  t.equal(itemToText(text(Tag.NameValue, "abcdef"), { maximumLines: 1, maximumTextLength: 3 }), 'NameValue: "abc…"');
  const long = structure(Tag.RequestMessage, structure(Tag.BatchItem), structure(Tag.BatchItem));
  t.equal(itemToText(long, { maximumLines: 2, maximumTextLength: 3 }), "RequestMessage\n  BatchItem\n…");
});
