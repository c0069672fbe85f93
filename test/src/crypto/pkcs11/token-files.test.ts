import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { readObjectFile } from "#src/crypto/pkcs11/worker/object-file.js";
import { TokenFiles } from "#src/crypto/pkcs11/worker/token-files.js";

const CKA_CLASS = 0x000;
const CKA_VALUE = 0x011;
const CKA_ID = 0x102;

function word(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value), 0);
  return bytes;
}

function bytesAttribute(type: number, value: Buffer): Buffer {
  return Buffer.concat([word(type), word(3), word(value.length), value]);
}

/** An object file as SoftHSM writes it: generation, then a number, bytes and a boolean. */
function objectFile(value = Buffer.alloc(48, 1)): Buffer {
  return Buffer.concat([
    word(31),
    word(CKA_CLASS),
    word(2),
    word(4),
    bytesAttribute(CKA_ID, Buffer.alloc(48, 2)),
    word(0x001),
    word(1),
    Buffer.from([0xff]),
    bytesAttribute(CKA_VALUE, value),
  ]);
}

function newFolder(t: { teardown(run: () => void): void }): { folder: string; token: string; files: TokenFiles } {
  const folder = mkdtempSync(join(tmpdir(), "keyreeve-token-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const token = join(folder, "tokens", "a-token");
  mkdirSync(token, { recursive: true });
  writeFileSync(join(token, "token.object"), "gen 0001master key");
  return { folder, token, files: new TokenFiles(folder) };
}

t.test("an object file is complete only when it is whole and holds a key", async (t) => {
  const whole = objectFile();
  t.equal(readObjectFile(whole).complete, true);
  t.equal(readObjectFile(objectFile(Buffer.alloc(0))).complete, false, "an empty value");
  for (let length = 0; length < whole.length; length += 1) {
    t.equal(readObjectFile(whole.subarray(0, length)).complete, false);
  }
  t.equal(readObjectFile(Buffer.alloc(100, 0xff)).complete, false, "no object file at all");
});

t.test("a key that the module could not write whole is refused, whatever the module has answered", async (t) => {
  const { token, files } = newFolder(t);
  const unwritten = { code: "device-error", fault: "key-not-written" };
  const before = files.objects();
  t.throws(() => files.settle(before, 1), unwritten, "no file");
  writeFileSync(join(token, "one.object"), objectFile().subarray(0, 60));
  t.throws(() => files.settle(before, 1), unwritten, "a file cut short");
  writeFileSync(join(token, "one.object"), "");
  t.throws(() => files.settle(before, 1), unwritten, "an empty file");
  writeFileSync(join(token, "one.object"), objectFile());
  t.doesNotThrow(() => files.settle(before, 1));
  t.throws(() => files.settle(files.objects(), 1), unwritten, "an older file does not count");
});

t.test("a token file that was cut is put back, one that is whole is left alone", async (t) => {
  const { token, files } = newFolder(t);
  const file = join(token, "token.object");
  files.keepTokenFile();
  truncateSync(file, 3);
  files.restoreTokenFile();
  t.equal(readFileSync(file, "utf8"), "gen 0001master key");
  writeFileSync(file, "gen 0001master KEY");
  files.restoreTokenFile();
  t.equal(readFileSync(file, "utf8"), "gen 0001master KEY");
  files.keepTokenFile();
  rmSync(file);
  files.restoreTokenFile();
  t.equal(readFileSync(file, "utf8"), "gen 0001master KEY", "the copy is the newest");
});

t.test("a login that changed nothing but the generation needs no new copy", async (t) => {
  const { folder, token, files } = newFolder(t);
  files.keepTokenFile();
  const copy = join(folder, "copies", "a-token.token.object");
  writeFileSync(join(token, "token.object"), "gen 0002master key");
  files.keepTokenFile();
  t.equal(readFileSync(copy, "utf8"), "gen 0001master key");
  writeFileSync(join(token, "token.object"), "gen 0003another key");
  files.keepTokenFile();
  t.equal(readFileSync(copy, "utf8"), "gen 0003another key");
});

t.test("an empty token file never replaces its copy", async (t) => {
  const { token, files } = newFolder(t);
  files.keepTokenFile();
  truncateSync(join(token, "token.object"), 0);
  files.keepTokenFile();
  files.restoreTokenFile();
  t.equal(readFileSync(join(token, "token.object"), "utf8"), "gen 0001master key");
});

t.test("a missing token folder is unavailable, not empty", async (t) => {
  const { folder, files } = newFolder(t);
  rmSync(join(folder, "tokens"), { recursive: true });
  t.throws(() => files.restoreTokenFile(), { code: "unavailable" });
});
