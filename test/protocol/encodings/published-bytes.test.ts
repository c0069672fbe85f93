import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { EncodingError } from "#protocol/encodings/error.js";
import { itemFromJson } from "#protocol/encodings/json.js";
import { itemFromXml } from "#protocol/encodings/xml.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { specificationFolder } from "#test/support/specification-folder.js";

/** A message that the specification shows as XML and as the bytes of its TTLV, and perhaps as JSON behind them. */
interface Shown {
  xml: string;
  hex: string;
  json: string;
}

/** The messages of the two-column boxes of the message encodings specification, line number left, message right. */
function shownMessages(specification: string): readonly Shown[] {
  const shown: Shown[] = [];
  for (const line of specification.split("\n")) {
    const cell = line.split("│")[2]?.replaceAll("\u00a0", " ").trimEnd() ?? "";
    if (/^<(Request|Response)Message>/.test(cell)) shown.push({ xml: "", hex: "", json: "" });
    const current = shown.at(-1);
    if (current === undefined || cell.trim() === "" || cell.startsWith("#")) continue;
    if (/^[0-9a-f]{8,80}$/.test(cell)) current.hex += cell;
    else if (cell.startsWith('{"tag"') || current.json !== "") current.json += cell;
    else if (current.hex === "") current.xml += cell.trimStart().startsWith("<") ? cell : ` ${cell.trim()}`;
  }
  return shown.filter(({ hex }) => hex !== "");
}

/** Some of the examples show another Time Stamp in the bytes than in the XML. */
const withoutTimeStamp = (hex: string) => hex.replace(/(?<=4200920900000008)[0-9a-f]{16}/, "(time)");

function bytesOf(read: () => ReturnType<typeof itemFromXml>): string {
  try {
    return withoutTimeStamp(encodeItem(read()).toString("hex"));
  } catch (error) {
    if (error instanceof EncodingError) return error.message;
    throw error;
  }
}

const folder = specificationFolder() ?? "";
const skip = folder === "" ? "NOT CHECKED: the specification folder is not here" : false;

t.test("messages that the specification shows as XML, as JSON and as bytes agree", { skip }, async (t) => {
  const shown = shownMessages(readFileSync(join(folder, "spec/kmip-addtl-msg-enc-v1.0-os.txt"), "utf8"));
  const withJson = shown.filter(({ json }) => json !== "");
  for (const { xml, hex } of shown)
    t.equal(
      bytesOf(() => itemFromXml(xml)),
      withoutTimeStamp(hex),
    );
  // One message lacks its last brace in print.
  for (const { json, hex } of withJson)
    t.equal(
      bytesOf(() => itemFromJson(json.endsWith("}") ? json : `${json}}`)),
      withoutTimeStamp(hex),
    );
  t.ok(shown.length >= 36);
  t.ok(withJson.length >= 12);
  t.comment(`${shown.length} messages as XML and ${withJson.length} as JSON checked byte by byte`);
});
