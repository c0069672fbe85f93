import { test } from "tap";
import ts from "typescript";
import { chosen, isLess, isSame } from "#src/secrecy/branch-free.js";
import { sameSecret } from "#src/secrecy/same-secret.js";
import { comparesSecrets } from "#test/support/secret-comparisons.js";
import { visit } from "#test/support/source-files.js";

test("secrets are the same where all their bytes are, and never where their lengths differ", async (t) => {
  t.ok(sameSecret(Buffer.from("a tag"), Buffer.from("a tag")));
  t.ok(sameSecret(Buffer.alloc(0), Buffer.alloc(0)));
  for (const other of ["A tag", "a taG", "a ta", "a tag ", ""]) {
    t.notOk(sameSecret(Buffer.from("a tag"), Buffer.from(other)), other);
  }
});

test("arithmetic without a branch says the same as comparisons", async (t) => {
  const numbers = [0, 1, 2, 127, 128, 255, 256, 65_535, 2 ** 31 - 1];
  for (const one of numbers) {
    for (const other of numbers) {
      t.equal(isSame(one, other), one === other ? 1 : 0);
      t.equal(isLess(one, other), one < other ? 1 : 0);
      t.equal(chosen(1, one, other), one);
      t.equal(chosen(0, one, other), other);
    }
  }
});

/** Whether anything in a piece of program compares secrets. */
function isFound(program: string): boolean {
  const syntax = ts.createSourceFile("sample.ts", program, ts.ScriptTarget.ES2022, true);
  let found = false;
  visit(syntax, (node) => {
    found ||= comparesSecrets(node);
  });
  return found;
}

test("comparisons of secrets that end where they differ are found, and others are not", async (t) => {
  for (const program of [
    "if (row.password === given) grant();",
    "if (shown !== secrets.oneTimePassword) refuse();",
    "mac.equals(given)",
    "given.equals(tag)",
    "digestOf(pin).equals(known.digest)",
    "Buffer.compare(plaintext, other)",
    "ticket.ticketValue == ticketValue",
  ]) {
    t.ok(isFound(program), program);
  }
  for (const program of [
    "password === undefined",
    'typeof secret === "string"',
    "mac.length === expected.length",
    "element.tag === tag.sequence",
    "subject.equals(name)",
    "type === CredentialType.Password",
    "sameSecret(mac, expected)",
  ]) {
    t.notOk(isFound(program), program);
  }
});
