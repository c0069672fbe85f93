import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { test } from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import { CryptographicUsageMask, KeyFormatType, LinkType, ObjectType, SecretDataType } from "#protocol/enums/index.js";
import { V1_2, V2_1 } from "#protocol/versions.js";
import { calls } from "#src/kmip-client/calls.js";
import { KmipClient } from "#src/kmip-client/client.js";
import { readClientFiles } from "#src/kmip-client/identity.js";
import { Secrets } from "#src/kmip-client/secrets/secrets.js";
import { instance, nameOf, requested } from "#test/support/kmip-actions.js";
import { named } from "#test/support/kmip-client-messages.js";
import { clientFolder, keyreeveProgram, runKeyreeve, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
t.teardown(() => server.stop());
const identity = clientFolder(server.home);
const setting = { KEYREEVE_SERVER: `localhost:${server.kmipPort}`, KEYREEVE_IDENTITY: identity };
const run = (...words: readonly string[]) => runKeyreeve(server.home, ["secret", ...words], setting);

async function connected(): Promise<Secrets> {
  const secrets = await Secrets.connect({ host: "localhost", port: server.kmipPort, files: readClientFiles(identity) });
  t.teardown(() => secrets.close());
  return secrets;
}

function valueFile(content: string | Buffer): string {
  const path = join(server.home, "value");
  writeFileSync(path, content);
  return path;
}

test("a secret is given back byte for byte, and in other forms on demand", async (t) => {
  t.match(await run("put", "backup", "--file", valueFile("päss word")), { code: 0, stdout: /Version: +1\n/ });
  t.same(await run("get", "backup"), { code: 0, stdout: "päss word", stderr: "" });
  t.match(await run("get", "backup", "--hex", "--newline"), { stdout: "70c3a4737320776f7264\n" });
  t.match(await run("get", "backup", "--base64"), { stdout: "cMOkc3Mgd29yZA==" });
  const output = join(server.home, "key");
  t.match(await run("get", "backup", "--output", output), { code: 0, stdout: "" });
  t.equal(readFileSync(output, "utf8"), "päss word");
  t.equal(statSync(output).mode & 0o777, 0o600);
  const { stdout } = await run("get", "backup", "--json");
  t.same(JSON.parse(stdout), { name: "backup", value: "cMOkc3Mgd29yZA==" });
});

test("a name that is taken, a name that nobody has and an empty value are refused in words", async (t) => {
  t.match(await run("put", "backup", "--random", "16"), { code: 1, stderr: /taken: "keyreeve secret rotate backup"/ });
  t.match(await run("get", "nobody's"), {
    code: 1,
    stdout: "",
    stderr: /no secret "nobody's" that this client may see/,
  });
  t.match(await run("get", "backup", "--version", "7"), { code: 1, stderr: /no version 7 of a secret "backup"/ });
  t.match(await run("put", "empty", "--file", valueFile("")), { code: 1, stderr: /the value is empty/ });
  t.match(await run("put", "two", "--random", "8", "--file", "x"), { code: 2, stderr: /one of --file and --random/ });
  t.match(await run("get", "backup", "--server", "a b"), { code: 2, stderr: /HOST:PORT/ });
  const nobody = { ...setting, KEYREEVE_IDENTITY: server.home };
  t.match(await runKeyreeve(server.home, ["secret", "list"], nobody), { code: 1, stderr: /no files of a client/ });
});

test("a rotated secret has a new value under its name, and the old one under its version until it is removed", async (t) => {
  t.match(await run("rotate", "backup", "--random", "16"), { code: 0, stdout: /Version: +2\n/ });
  const newest = await run("get", "backup", "--hex");
  t.match(newest.stdout, /^[0-9a-f]{32}$/);
  t.equal((await run("get", "backup", "--version", "1")).stdout, "päss word");
  t.equal((await run("get", "backup", "--version", "2", "--hex")).stdout, newest.stdout);
  const shown = JSON.parse((await run("show", "backup", "--json")).stdout);
  t.match(shown, [
    { name: "backup", version: 2, current: true, state: "Active" },
    { name: "backup", version: 1, current: false, state: "Deactivated" },
  ]);
  t.match((await run("show", "backup")).stdout, /2 +yes +active .*\n1 +no +deactivated/);
  t.match((await run("list")).stdout, /backup +2 +2 +active/);
  t.match(await run("remove", "backup", "--version", "2"), { code: 1, stderr: /the one in use/ });
  t.equal((await run("remove", "backup", "--version", "1")).code, 0);
  t.match(await run("get", "backup", "--version", "1"), { code: 1, stdout: "" });
  t.equal((await run("get", "backup", "--hex")).stdout, newest.stdout);
});

test("a removed secret is gone, and its name is free", async (t) => {
  t.equal((await run("remove", "backup")).code, 0);
  t.match(await run("get", "backup"), { code: 1, stdout: "" });
  t.match(await run("list"), { code: 0, stdout: /no secrets/ });
  const secrets = await connected();
  t.match(await secrets.put("backup", "Seed", Buffer.from("again")), { version: 1, current: true });
  t.same(await secrets.get("backup"), Buffer.from("again"));
});

test("rotations at the same time follow one another, and no value is lost", async (t) => {
  const [first, ...others] = await Promise.all([connected(), connected(), connected(), connected()]);
  await first.put("contended", "Password", Buffer.from("value 0"));
  const values = others.map((_, place) => `value ${place + 1}`);
  const made = await Promise.all(
    others.map((each, place) => each.rotate("contended", "Password", Buffer.from(`value ${place + 1}`))),
  );
  t.same(new Set(made.map(({ version }) => version)), new Set([2, 3, 4]));
  const kept = await Promise.all([1, 2, 3, 4].map((version) => first.get("contended", version)));
  t.same(new Set(kept.map(String)), new Set(["value 0", ...values]));
  t.equal((await first.versions("contended")).filter(({ current }) => current).length, 1);
});

test("a rotated secret and the one before it are linked to one another", async (t) => {
  const secrets = await connected();
  const before = await secrets.put("linked", "Password", Buffer.from("one"));
  const after = await secrets.rotate("linked", "Password", Buffer.from("two"));
  const files = readClientFiles(identity);
  const client = await KmipClient.connect({ host: "localhost", port: server.kmipPort, files, versions: [V2_1] });
  t.teardown(() => client.close());
  const linksOf = async (id: string): Promise<readonly unknown[]> => {
    const request = { uniqueIdentifier: named(id), attributeNames: ["Link"] };
    return (await client.ask(calls.getAttributes, request)).attributes;
  };
  const link = (linkType: number, id: string) =>
    instance(attributes.link, { linkType, linkedObjectIdentifier: named(id) });
  t.same(await linksOf(before.id), [link(LinkType.ReplacementObjectLink, after.id)]);
  t.same(await linksOf(after.id), [link(LinkType.ReplacedObjectLink, before.id)]);
});

test("a secret that another client registered in 1.2 is read, rotated and removed by its name as well", async (t) => {
  const files = readClientFiles(identity);
  const other = await KmipClient.connect({ host: "localhost", port: server.kmipPort, files, versions: [V1_2] });
  t.teardown(() => other.close());
  await other.ask(calls.register, {
    objectType: ObjectType.SecretData,
    attributes: requested(nameOf("array"), instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Verify)),
    secretData: {
      secretDataType: SecretDataType.Password,
      keyBlock: { keyFormatType: KeyFormatType.Opaque, keyValue: { keyMaterial: Buffer.from("theirs") } },
    },
  });
  const secrets = await connected();
  t.same(await secrets.get("array"), Buffer.from("theirs"));
  t.match(await secrets.rotate("array", "Password", Buffer.from("ours")), { version: 2, current: true });
  t.same(await secrets.get("array", 1), Buffer.from("theirs"));
  t.same(await secrets.get("array"), Buffer.from("ours"));
  t.equal((await secrets.remove("array")).length, 2);
  await t.rejects(secrets.get("array"), /there is no secret "array"/);
});

test("a value that is asked for on a terminal is typed twice and not shown", async (t) => {
  const words = [process.execPath, keyreeveProgram, "secret", "put", "typed"].join(" ");
  const child = spawn("script", ["-qec", words, "/dev/null"], { env: { ...process.env, ...setting } });
  let shown = "";
  child.stdout.on("data", (chunk: Buffer) => {
    const before = shown;
    shown += chunk.toString("utf8");
    for (const question of ["Value: ", "Again: "]) {
      // The second one with a typing error that is taken back.
      if (shown.includes(question) && !before.includes(question)) {
        child.stdin.write(question === "Value: " ? "w\u00f6rd\r" : "w\u00f6x\u007frd\r");
      }
    }
  });
  const [code] = await once(child, "close");
  t.equal(code, 0, shown);
  t.notMatch(shown, /w\u00f6/);
  t.equal((await run("get", "typed")).stdout, "w\u00f6rd");
});

test("what is done with secrets stands in the audit trail, and their values do not", async (t) => {
  const trail = await server.administration.exportAudit();
  for (const operation of ["Register", "Locate", "Get", "Revoke", "Destroy"]) {
    t.match(trail, new RegExp(`"operation":"${operation}"`));
  }
  t.notMatch(trail, /cMOkc3Mgd29yZA|päss word/);
});
