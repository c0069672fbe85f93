import t from "tap";
import { itemFromJson, itemToJson } from "#protocol/encodings/json.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { structure } from "#test/support/items.js";
import { refusal } from "#test/support/refusal.js";

/** Forms of KMIP Additional Message Encodings 1.0 §4.1.6 that are read; the first of each item is the one written. */
const jsonForms: readonly (readonly [item: Item, ...forms: string[]])[] = [
  [
    { tag: Tag.BatchCount, type: ItemType.Integer, value: 10 },
    '{"tag":"BatchCount","type":"Integer","value":10}',
    '{"tag":"BatchCount","type":"Integer","value":"0x0000000A"}',
  ],
  [
    { tag: Tag.BatchCount, type: ItemType.Integer, value: -1 },
    '{"tag":"BatchCount","type":"Integer","value":-1}',
    '{"tag":"BatchCount","type":"Integer","value":"0xffffffff"}',
  ],
  [
    { tag: Tag.CryptographicUsageMask, type: ItemType.Integer, value: 0x100c },
    '{"tag":"CryptographicUsageMask","type":"Integer","value":"Encrypt|Decrypt|CertificateSign"}',
    '{"tag":"CryptographicUsageMask","type":"Integer","value":"CertificateSign|0x00000004|0x0000008"}',
    '{"tag":"CryptographicUsageMask","type":"Integer","value":4108}',
  ],
  [
    { tag: 0x540001, type: ItemType.LongInteger, value: -2n },
    '{"tag":"0x540001","type":"LongInteger","value":-2}',
    '{"tag":"0x540001","name":"Something","type":"LongInteger","value":"0xfffffffffffffffe"}',
  ],
  [
    { tag: Tag.UsageLimitsCount, type: ItemType.LongInteger, value: 2n ** 60n },
    '{"tag":"UsageLimitsCount","type":"LongInteger","value":"0x1000000000000000"}',
  ],
  [
    { tag: Tag.UsageLimitsCount, type: ItemType.LongInteger, value: 2n ** 52n },
    '{"tag":"UsageLimitsCount","type":"LongInteger","value":"0x0010000000000000"}',
    '{"tag":"UsageLimitsCount","type":"LongInteger","value":4503599627370496}',
  ],
  [
    { tag: Tag.X, type: ItemType.BigInteger, value: 0n },
    '{"tag":"X","type":"BigInteger","value":0}',
    '{"tag":"X","type":"BigInteger","value":"0x0000000000000000"}',
  ],
  [
    { tag: Tag.X, type: ItemType.BigInteger, value: -(2n ** 64n) },
    '{"tag":"X","type":"BigInteger","value":"0xffffffffffffffff0000000000000000"}',
  ],
  [
    { tag: Tag.ObjectType, type: ItemType.Enumeration, value: 2 },
    '{"tag":"ObjectType","type":"Enumeration","value":"SymmetricKey"}',
    '{"tag":"0x420057","type":"Enumeration","value":2}',
    '{"tag":"ObjectType","type":"Enumeration","value":"0x00000002"}',
  ],
  [
    { tag: Tag.BatchOrderOption, type: ItemType.Boolean, value: true },
    '{"tag":"BatchOrderOption","type":"Boolean","value":true}',
    '{"tag":"BatchOrderOption","type":"Boolean","value":"0x0000000000000001"}',
  ],
  [
    { tag: Tag.ArchiveDate, type: ItemType.DateTime, value: 0x3a505520n },
    '{"tag":"ArchiveDate","type":"DateTime","value":"2001-01-01T10:00:00+00:00"}',
    '{"tag":"ArchiveDate","type":"DateTime","value":"0x000000003a505520"}',
  ],
  [
    { tag: Tag.Offset, type: ItemType.Interval, value: 27 },
    '{"tag":"Offset","type":"Interval","value":27}',
    '{"tag":"Offset","type":"Interval","value":"0x0000001b"}',
  ],
  [
    structure(Tag.RequestPayload),
    '{"tag":"RequestPayload","value":[]}',
    '{"tag":"RequestPayload","type":"Structure","value":null}',
  ],
];

for (const [item, written, ...others] of jsonForms) {
  t.test(`${written} is written and read`, async (t) => {
    t.equal(itemToJson(item), written);
    t.strictSame(itemFromJson(written ?? ""), item);
  });
  for (const form of others) {
    t.test(`${form} is read`, async (t) => {
      t.strictSame(itemFromJson(form), item);
    });
  }
}

const refusedJson: readonly (readonly [what: string, json: string, code: string])[] = [
  ["nothing", "", "malformed"],
  ["an array", "[]", "malformed"],
  ["null", "null", "malformed"],
  ["no tag", '{"type":"Integer","value":1}', "bad-value"],
  ["a tag nobody defined", '{"tag":"Nothing","type":"Integer","value":1}', "bad-tag"],
  ["a property items do not have", '{"tag":"BatchCount","type":"Integer","value":1,"__proto__":{}}', "malformed"],
  ["a fraction", '{"tag":"BatchCount","type":"Integer","value":1.5}', "bad-value"],
  ["an Integer beyond 32 bits", '{"tag":"BatchCount","type":"Integer","value":4294967296}', "bad-value"],
  ["too many digits", '{"tag":"BatchCount","type":"Integer","value":"0x0000000001"}', "bad-value"],
  [
    "a number that lost digits",
    '{"tag":"UsageLimitsCount","type":"LongInteger","value":9223372036854775807}',
    "bad-value",
  ],
  ["a Boolean as a word", '{"tag":"BatchOrderOption","type":"Boolean","value":"true"}', "bad-value"],
  ["a Boolean of 2", '{"tag":"BatchOrderOption","type":"Boolean","value":"0x02"}', "bad-value"],
  ["a number for a text", '{"tag":"NameValue","type":"TextString","value":1}', "bad-value"],
  ["an object for a Structure's items", '{"tag":"RequestMessage","value":{}}', "bad-value"],
  ["a Big Integer in words", '{"tag":"X","type":"BigInteger","value":"one"}', "bad-value"],
];

for (const [what, json, code] of refusedJson) {
  t.test(`JSON with ${what} is refused`, async (t) => {
    t.equal(
      refusal(() => itemFromJson(json)),
      code,
    );
  });
}
