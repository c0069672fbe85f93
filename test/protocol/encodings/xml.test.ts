import t from "tap";
import { itemFromXml, itemsFromXml, itemToXml } from "#protocol/encodings/xml.js";
import { parseXmlElements } from "#protocol/encodings/xml-elements.js";
import { ObjectType } from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { structure } from "#test/support/items.js";
import { refusal } from "#test/support/refusal.js";

const date = BigInt(Date.UTC(2001, 0, 1) / 1000);

/** Forms of KMIP Additional Message Encodings 1.0 §6.1.6 that are read; the first of each item is the one written. */
const xmlForms: readonly (readonly [item: Item, ...forms: string[]])[] = [
  [
    { tag: Tag.ArchiveDate, type: ItemType.DateTime, value: date },
    '<ArchiveDate type="DateTime" value="2001-01-01T00:00:00+00:00"/>',
    '<ArchiveDate type="DateTime" value="2001-01-01T10:00:00+10:00"/>',
    '<ArchiveDate type="DateTime" value="2000-12-31T19:30:00.75-04:30"/>',
    '<ArchiveDate type="DateTime" value="2001-01-01T00:00:00Z"/>',
    '<ArchiveDate type="DateTime" value="2001-01-01T00:00:00"/>',
    '<ArchiveDate type="DateTime" value="0x000000003a4fc880"/>',
    '<TTLV tag="0x420005" name="ArchiveDate" type="DateTime" value="2001-01-01T00:00:00Z"/>',
    '<TTLV tag="ArchiveDate" type="DateTime" value="2001-01-01T00:00:00Z"/>',
    '<ArchiveDate xmlns="urn:oasis:tc:kmip:xmlns" type="DateTime" value="2001-01-01T00:00:00Z"/>',
  ],
  [
    { tag: Tag.SubmissionDate, type: ItemType.DateTimeExtended, value: -1n },
    '<SubmissionDate type="DateTimeExtended" value="1969-12-31T23:59:59.999999+00:00"/>',
    '<SubmissionDate type="DateTimeExtended" value="0xffffffffffffffff"/>',
  ],
  [
    { tag: Tag.ArchiveDate, type: ItemType.DateTime, value: 2n ** 63n - 1n },
    '<ArchiveDate type="DateTime" value="0x7fffffffffffffff"/>',
  ],
  [
    { tag: Tag.CryptographicUsageMask, type: ItemType.Integer, value: 0x100c },
    '<CryptographicUsageMask type="Integer" value="Encrypt Decrypt CertificateSign"/>',
    '<CryptographicUsageMask type="Integer" value="0x0000100c"/>',
    '<CryptographicUsageMask type="Integer" value="4108"/>',
    '<CryptographicUsageMask type="Integer" value="CertificateSign 0x00000004 0x0000008"/>',
    '<CryptographicUsageMask type="Integer" value="CertificateSign   0x0000000c Encrypt"/>',
    '<CryptographicUsageMask type="Integer" value="Encrypt|Decrypt|CertificateSign"/>',
  ],
  [
    { tag: Tag.CryptographicUsageMask, type: ItemType.Integer, value: 0 },
    '<CryptographicUsageMask type="Integer" value="0"/>',
    '<CryptographicUsageMask type="Integer" value=""/>',
  ],
  [
    { tag: Tag.CryptographicUsageMask, type: ItemType.Integer, value: -(2 ** 31) },
    '<CryptographicUsageMask type="Integer" value="0x80000000"/>',
    '<CryptographicUsageMask type="Integer" value="-2147483648"/>',
  ],
  [
    { tag: Tag.ObjectType, type: ItemType.Enumeration, value: ObjectType.SymmetricKey },
    '<ObjectType type="Enumeration" value="SymmetricKey"/>',
    '<ObjectType type="Enumeration" value="0x00000002"/>',
  ],
  [
    { tag: Tag.OpaqueDataType, type: ItemType.Enumeration, value: 0x80000001 },
    '<OpaqueDataType type="Enumeration" value="0x80000001"/>',
  ],
  [
    { tag: 0x540001, type: ItemType.LongInteger, value: -2n },
    '<TTLV tag="0x540001" type="LongInteger" value="-2"/>',
    '<TTLV tag="0x540001" name="Something" type="LongInteger" value="0xfffffffffffffffe"/>',
  ],
  [{ tag: Tag.X, type: ItemType.BigInteger, value: 0n }, '<X type="BigInteger" value="0000000000000000"/>'],
  [{ tag: Tag.X, type: ItemType.BigInteger, value: -1n }, '<X type="BigInteger" value="ffffffffffffffff"/>'],
  [
    { tag: Tag.BatchOrderOption, type: ItemType.Boolean, value: true },
    '<BatchOrderOption type="Boolean" value="true"/>',
    '<BatchOrderOption type="Boolean" value="1"/>',
  ],
  [
    { tag: Tag.MACSignature, type: ItemType.ByteString, value: Buffer.from("c50f77", "hex") },
    '<MACSignature type="ByteString" value="c50f77"/>',
    '<MACSignature type="ByteString" value="C50F77"/>',
  ],
  [
    { tag: Tag.Offset, type: ItemType.Interval, value: 2 ** 32 - 1 },
    '<Offset type="Interval" value="4294967295"/>',
    '<Offset type="Interval" value="0xffffffff"/>',
  ],
  [
    { tag: Tag.NameValue, type: ItemType.TextString, value: '<a&"b">\n\tSchlüssel' },
    '<NameValue type="TextString" value="&lt;a&amp;&quot;b&quot;&gt;&#10;&#9;Schlüssel"/>',
  ],
  [structure(Tag.RequestPayload), "<RequestPayload/>", '<RequestPayload type="Structure"></RequestPayload>'],
];

for (const [item, written, ...others] of xmlForms) {
  t.test(`${written} is written and read`, async (t) => {
    t.equal(itemToXml(item), `${written}\n`);
    t.strictSame(itemFromXml(written ?? ""), item);
  });
  for (const form of others) {
    t.test(`${form} is read`, async (t) => {
      t.strictSame(itemFromXml(form), item);
    });
  }
}

const refusedXml: readonly (readonly [what: string, xml: string, code: string])[] = [
  ["nothing", "", "malformed"],
  ["text", "KMIP", "malformed"],
  ["an element left open", "<RequestMessage>", "malformed"],
  ["elements crossed", "<RequestMessage><BatchItem></RequestMessage></BatchItem>", "malformed"],
  ["a second root", "<RequestMessage/><RequestMessage/>", "malformed"],
  ["an entity nobody defined", '<NameValue type="TextString" value="&x;"/>', "malformed"],
  ["a document type", '<!DOCTYPE a [<!ENTITY x "y">]><RequestMessage/>', "document-type"],
  ["an attribute messages do not have", '<RequestMessage id="1"/>', "malformed"],
  ["another namespace", '<RequestMessage xmlns="urn:other"/>', "malformed"],
  ["text inside a message", "<RequestMessage>text</RequestMessage>", "malformed"],
  ["a value on a Structure", '<RequestMessage value="1"/>', "malformed"],
  ["no value", '<BatchCount type="Integer"/>', "malformed"],
  ["elements inside a value", '<BatchCount type="Integer" value="1"><X/></BatchCount>', "malformed"],
  ["the generic element without a tag", '<TTLV type="Integer" value="1"/>', "malformed"],
  ["a tag attribute on a named element", '<BatchCount tag="0x42000d" type="Integer" value="1"/>', "malformed"],
  ["a name that is no tag", '<Nothing type="Integer" value="1"/>', "bad-tag"],
  ["a tag outside the ranges", '<TTLV tag="0x430001" type="Integer" value="1"/>', "bad-tag"],
  ["a type nobody defined", '<BatchCount type="Number" value="1"/>', "unknown-type"],
  ["an Integer beyond 32 bits", '<BatchCount type="Integer" value="2147483648"/>', "bad-value"],
  ["an Integer that is a word", '<BatchCount type="Integer" value="one"/>', "unknown-name"],
  ["a Long Integer beyond 64 bits", '<UsageLimitsCount type="LongInteger" value="9223372036854775808"/>', "bad-value"],
  ["a Big Integer of half bytes", '<X type="BigInteger" value="123"/>', "bad-value"],
  ["an empty Big Integer", '<X type="BigInteger" value=""/>', "bad-value"],
  ["a name of no value", '<ObjectType type="Enumeration" value="Nothing"/>', "unknown-name"],
  ["a Boolean in words", '<BatchOrderOption type="Boolean" value="yes"/>', "bad-value"],
  ["a Byte String with other characters", '<Salt type="ByteString" value="xy"/>', "bad-value"],
  ["an Interval below zero", '<Offset type="Interval" value="-1"/>', "bad-value"],
  ["the 30th of February", '<ArchiveDate type="DateTime" value="2001-02-30T00:00:00Z"/>', "bad-value"],
  ["an hour 24", '<ArchiveDate type="DateTime" value="2001-02-03T24:00:00Z"/>', "bad-value"],
  ["a date without a time", '<ArchiveDate type="DateTime" value="2001-02-03"/>', "bad-value"],
];

for (const [what, xml, code] of refusedXml) {
  t.test(`XML with ${what} is refused`, async (t) => {
    t.equal(
      refusal(() => itemFromXml(xml)),
      code,
    );
  });
}

t.test("a text that XML cannot hold is refused when written as XML", async (t) => {
  for (const value of ["\u0000", "\u001b", "\ufffe", "a\ud800"]) {
    const item: Item = { tag: Tag.NameValue, type: ItemType.TextString, value };
    t.equal(
      refusal(() => itemToXml(item)),
      "inexpressible",
    );
  }
});

t.test("the messages inside a wrapper are given in order, with the text before them", async (t) => {
  const text = `<?xml version="1.0"?><KMIP><!-- note --># TIME 0
    # [Client-A]<RequestMessage/># TIME 1<ResponseMessage/></KMIP>`;
  const elements = parseXmlElements(text);
  t.same(
    elements.map(({ name, textBefore }) => [name, textBefore.replace(/\s+/g, " ")]),
    [
      ["RequestMessage", "# TIME 0 # [Client-A]"],
      ["ResponseMessage", "# TIME 1"],
    ],
  );
  t.same(
    itemsFromXml(text).map(({ tag }) => tag),
    [Tag.RequestMessage, Tag.ResponseMessage],
  );
});
