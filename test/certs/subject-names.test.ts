import t from "tap";
import { derElements } from "#certs/der-elements.js";
import { CertificateError } from "#certs/errors.js";
import { nameParts } from "#certs/name-parts.js";
import { checkedName, inUsualOrder, isEmptyName, nameOfParts, nameOfText } from "#certs/subject-names.js";

function partsOf(name: Buffer): readonly string[] {
  return nameParts(derElements(name)[0]?.content ?? Buffer.alloc(0)).map(({ type, value }) => `${type}=${value}`);
}

t.test("a name as text is written the least particular part first", async (t) => {
  t.same(partsOf(nameOfText("CN=device 1,OU=Cards,O=Bank,C=CH")), [
    "2.5.4.6=CH",
    "2.5.4.10=Bank",
    "2.5.4.11=Cards",
    "2.5.4.3=device 1",
  ]);
  t.ok(isEmptyName(nameOfText("")));
});

t.test("escapes stand for the characters and bytes they name (RFC 4514 §2.4)", async (t) => {
  // The examples of RFC 4514 §4.
  t.same(partsOf(nameOfText('CN=James \\"Jim\\" Smith\\, III,DC=example,DC=net')), [
    "0.9.2342.19200300.100.1.25=net",
    "0.9.2342.19200300.100.1.25=example",
    '2.5.4.3=James "Jim" Smith, III',
  ]);
  t.same(partsOf(nameOfText("CN=Lu\\C4\\8Di\\C4\\87")), ["2.5.4.3=Lučić"]);
});

t.test("what is no name is refused", async (t) => {
  for (const text of [
    "device",
    "X=1",
    "CN=",
    "CN=a+OU=b",
    "C=Switzerland",
    "C=ch",
    `CN=${"a".repeat(65)}`,
    "CN=a\u0000",
  ]) {
    t.throws(() => nameOfText(text), CertificateError, text);
  }
  t.throws(() => nameOfParts([["serialNumber", "ü"]]), CertificateError);
  t.throws(() => nameOfParts([["emailAddress", "ü@example"]]), CertificateError);
  t.throws(() => nameOfParts(Array(65).fill(["OU", "a"])), CertificateError);
});

t.test("single parts are put in the usual order, those of one kind in theirs", async (t) => {
  const parts = inUsualOrder([
    ["CN", "a"],
    ["OU", "1"],
    ["OU", "2"],
    ["C", "CH"],
  ]);
  t.same(
    parts.map(([, text]) => text),
    ["CH", "1", "2", "a"],
  );
});

t.test("a name that comes as DER must be DER and a name", async (t) => {
  const name = nameOfText("CN=a");
  t.same(checkedName(name), name);
  const hostile = [
    Buffer.alloc(0),
    Buffer.from("05", "hex"),
    Buffer.from("0500", "hex"),
    Buffer.concat([name, name]),
    Buffer.from("3081020500", "hex"),
    Buffer.alloc(4000, 0x30),
  ];
  for (const der of hostile) t.throws(() => checkedName(der), CertificateError, der.toString("hex").slice(0, 20));
});
