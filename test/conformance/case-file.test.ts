import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { Bindings } from "#conformance/bindings.js";
import { CaseFileError, readCaseFile, requestItem } from "#conformance/case-file.js";
import { itemToXml } from "#protocol/encodings/xml.js";

function caseFile(t: Test, xml: string): string {
  const folder = mkdtempSync(join(tmpdir(), "keyreeve-case-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "case.xml");
  writeFileSync(path, xml);
  return path;
}

const exchange = (value: string): string =>
  `<RequestMessage><UniqueIdentifier type="TextString" value="${value}"/></RequestMessage><ResponseMessage/>`;

t.test("the clients, directions and repetitions noted between the messages are read", async (t) => {
  const steps = readCaseFile(
    caseFile(
      t,
      `<KMIP># TIME 0 # [Client-B]${exchange("a")}# [Server-to-Client]${exchange("b")}
       # [REPEAT] until Archive   response is returned ${exchange("c")}</KMIP>`,
    ),
  );
  t.strictSame(
    steps.map(({ client, fromServer, repeated }) => [client, fromServer, repeated]),
    [
      ["Client-B", false, false],
      ["Client-A", true, false],
      ["Client-A", false, true],
    ],
  );
});

t.test("what only servers ask of clients comes from the server, marked or not", async (t) => {
  const xml = `<KMIP><RequestMessage><BatchItem><Operation type="Enumeration" value="Put"/></BatchItem></RequestMessage></KMIP>`;
  t.match(readCaseFile(caseFile(t, xml)), [{ fromServer: true }]);
});

t.test("runs of spaces in attribute names collapse, in other texts they stay", async (t) => {
  const xml = `<KMIP><RequestMessage><AttributeName type="TextString" value="Object   Type"/><NameValue type="TextString" value="a  b"/></RequestMessage></KMIP>`;
  const [step] = readCaseFile(caseFile(t, xml));
  if (step === undefined) throw new TypeError("no step");
  const text = itemToXml(requestItem(step, new Bindings(() => 0)));
  t.match(text, `value="Object Type"`);
  t.match(text, `value="a  b"`);
});

t.test("a placeholder whose value is not known cannot be sent", async (t) => {
  const [step] = readCaseFile(caseFile(t, `<KMIP>${exchange("$UNIQUE_IDENTIFIER_0")}</KMIP>`));
  if (step === undefined) throw new TypeError("no step");
  t.throws(() => requestItem(step, new Bindings(() => 0)), CaseFileError);
});

t.test("an answer without a request is no case", async (t) => {
  t.throws(() => readCaseFile(caseFile(t, "<KMIP><ResponseMessage/></KMIP>")), CaseFileError);
});
