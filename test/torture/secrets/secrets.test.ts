import t from "tap";
import { outputOf } from "#test/harness/output.js";
import { formsOf, formsOfNumber, formsOfText } from "./forms.js";
import { inBytes } from "./places.js";

t.setTimeout(550_000);

t.test("marked secrets are in no file, and keys that may not leave the token in no memory", async (t) => {
  const args = ["--database", "sqlite", "--rounds", "1", "--other-work", "150", "--no-core"];
  t.match(await outputOf("torture/secrets", args), /^torture:secrets passed in /m);
});

t.test("a secret is found in every form, wherever it begins", async (t) => {
  const secret = Buffer.from("00ff7f80a1b2c3d4e5f60718293a4b5c", "hex");
  const text = 'p\u00e4ss"word';
  const needles = [...formsOf("key", secret), ...formsOfNumber("key", secret), ...formsOfText("password", text)];
  const before = (count: number) => Buffer.concat([Buffer.alloc(count, 0x31), secret, Buffer.alloc(5, 0x32)]);
  for (const written of [
    before(1),
    ...[0, 1, 2, 3].flatMap((count) => [before(count).toString("base64"), before(count).toString("base64url")]),
    secret.toString("hex"),
    secret.toString("hex").toUpperCase(),
    Buffer.from(secret.toString("hex"), "utf16le"),
    JSON.stringify({ key: secret }),
    JSON.stringify({ key: secret.toString("latin1") }),
    BigInt(`0x${secret.toString("hex")}`).toString(),
    Buffer.from(secret).reverse(),
    text,
    JSON.stringify({ password: text }),
    JSON.stringify(JSON.stringify({ password: text })),
    Buffer.from(text, "utf16le"),
    Buffer.from(text, "latin1"),
    encodeURIComponent(text),
  ]) {
    const { found } = inBytes("here", Buffer.concat([Buffer.from("before "), Buffer.from(written)]), needles);
    t.ok(found.length > 0, String(written));
  }
  t.same(inBytes("here", Buffer.from("nothing of the kind"), needles).found, []);
});
