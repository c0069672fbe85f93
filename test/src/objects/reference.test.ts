import { readFileSync } from "node:fs";
import { test } from "tap";
import { ResultReason } from "#protocol/enums/index.js";
import { ResultReasonTable } from "#protocol/enums/result-reasons.js";
import { isKnownIn } from "#protocol/enums/table.js";
import { formatVersion, supportedVersions } from "#protocol/versions.js";
import { KmipError, type ReasonName } from "#src/objects/kmip-error.js";
import { errorsReference, lifecycleReference } from "#src/objects/reference.js";
import { sourceFiles } from "#test/support/source-files.js";

const reasons = Object.keys(ResultReason) as readonly ReasonName[];

test("docs/errors.md and docs/lifecycle.md are what the tables say (run `npm run docs`)", async (t) => {
  t.equal(readFileSync("docs/errors.md", "utf8"), errorsReference());
  t.equal(readFileSync("docs/lifecycle.md", "utf8"), lifecycleReference());
});

test("every reason is told to every version by a value that the version knows", async (t) => {
  for (const version of supportedVersions) {
    const unknown = reasons.filter(
      (reason) => !isKnownIn(ResultReasonTable, new KmipError(reason, "").reasonFor(version), version),
    );
    t.strictSame(unknown, [], formatVersion(version));
  }
});

test("every reason that the server gives stands in docs/errors.md", async (t) => {
  const page = readFileSync("docs/errors.md", "utf8");
  const given = sourceFiles()
    .filter(({ path }) => path.startsWith("src/"))
    .flatMap(({ text }) => [...text.matchAll(/new KmipError\(\s*"(\w+)"/g)].map((match) => match[1]));
  t.ok(given.length > 50);
  for (const reason of new Set(given)) t.ok(page.includes(`| ${reason} |`), `${reason} is described`);
});
