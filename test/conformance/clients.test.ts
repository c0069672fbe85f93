import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import t from "tap";
import {
  type PlayedTranscript,
  playFile,
  readTranscriptFile,
  transcriptExtension,
  transcriptsAt,
} from "#conformance/transcripts/folder.js";
import type { TranscriptServer } from "#conformance/transcripts/player.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { profileNames } from "#src/access/client-profiles.js";
import { readClientFiles } from "#src/kmip-client/identity.js";
import { clientFolder, projectRoot, startedHome, startTestServer } from "#test/support/server.js";

t.setTimeout(550_000);

const folder = join(projectRoot, "conformance/clients");
const paths = transcriptsAt(folder);
const nameOf = (path: string): string => basename(path, transcriptExtension);

const home = startedHome();
writeFileSync(join(home, "keyreeve.yaml"), "kmip:\n  clientCertificate: optional\n");
const server = await startTestServer({ home });
t.teardown(() => server.stop());

const withCredential = "fortigate-without-certificate";

/** The tenant that a product is a client of: their names do not meet, so most share one; a profile has one of its own. */
function tenantOf(path: string): string {
  const profile = readTranscriptFile(path).heading.find(([fact]) => fact === "profile")?.[1];
  return profile ?? (nameOf(path) === withCredential ? "network" : "products");
}

for (const tenant of new Set(paths.map(tenantOf))) {
  const profile = profileNames.find((name) => name === tenant);
  await server.administration.createTenant(tenant, JSON.stringify(profile === undefined ? {} : { profile }));
}

/** The server as a product sees it, which is a client of its own. */
async function serverFor(path: string): Promise<TranscriptServer> {
  await server.administration.issueClient(tenantOf(path), nameOf(path));
  const files = readClientFiles(clientFolder(home, tenantOf(path), nameOf(path)));
  return {
    kmip: { host: "127.0.0.1", port: server.kmipPort },
    https: { host: "127.0.0.1", port: server.httpsPort },
    filesOf: () => files,
  };
}

/** What transcripts leave to whoever plays them. */
async function variablesFor(path: string): Promise<ReadonlyMap<string, string>> {
  if (nameOf(path) !== withCredential) return new Map();
  const tenant = tenantOf(path);
  const [username, password] = ["firewall-1", "a long password"];
  await server.administration.setCredential(JSON.stringify({ tenant, client: withCredential, username, password }));
  return new Map([
    ["username", `${tenant}/${username}`],
    ["password", password],
  ]);
}

const learnedIn = new Map<string, Map<string, Item>>();

async function play(path: string): Promise<PlayedTranscript> {
  const learned = new Map<string, Item>();
  learnedIn.set(nameOf(path), learned);
  const [played, variables] = [await serverFor(path), await variablesFor(path)];
  return playFile(path, { server: played, variables, learned: (name, value) => learned.set(name, value) });
}

/** Several products at once, as in life. */
const playedAtOnce = 6;
const plays = new Map<string, PlayedTranscript>();
const waiting = paths.values();
await Promise.all(
  Array.from({ length: playedAtOnce }, async () => {
    for (const path of waiting) plays.set(path, await play(path));
  }),
);

for (const path of paths) {
  t.test(`${nameOf(path)} gets every answer as it has to be`, async (t) => {
    const played = plays.get(path);
    t.ok((played?.steps ?? 0) > 1);
    t.strictSame(played?.differences, []);
  });
}

/** A value of Byte String that the play of a product brought up. */
function bytes(product: string, variable: string): Buffer {
  const item = learnedIn.get(product)?.get(variable);
  if (item?.type !== ItemType.ByteString) throw new RangeError(`${product} told no bytes as $${variable}`);
  return item.value;
}

t.test("the signature of Krill verifies under the public key it was given", async (t) => {
  const key = createPublicKey({ key: bytes("krill", "public-key"), format: "der", type: "pkcs1" });
  const data = Buffer.from("5468652063657274696669636174652e", "hex");
  t.ok(verify("sha256", data, key, bytes("krill", "signature")));
  t.notOk(verify("sha256", Buffer.from("other data"), key, bytes("krill", "signature")));
});

t.test("the signatures of Cascade verify under the public key, each over its own record set", async (t) => {
  const key = createPublicKey({ key: bytes("cascade", "public-key"), format: "der", type: "spki" });
  t.equal(key.asymmetricKeyDetails?.namedCurve, "prime256v1");
  for (const set of [1, 2, 3]) {
    const data = Buffer.from(`000${set}`.repeat(12), "hex");
    t.ok(verify("sha256", data, key, bytes("cascade", `signature-data-${set}`)));
    t.notOk(verify("sha256", data, key, bytes("cascade", `signature-data-${(set % 3) + 1}`)));
  }
});

t.test("the halves of Veeam's pair belong together", async (t) => {
  const secret = createPrivateKey({ key: bytes("veeam", "private-key"), format: "der", type: "pkcs1" });
  const key = createPublicKey({ key: bytes("veeam", "public-key"), format: "der", type: "pkcs1" });
  const data = Buffer.from("a backup");
  t.ok(verify("sha256", data, key, sign("sha256", data, secret)));
});

t.test("every transcript says whose it is and stands in the list of the folder", async (t) => {
  const list = readFileSync(join(folder, "README.md"), "utf8");
  for (const path of paths) {
    t.ok(list.includes(`[${nameOf(path)}](${basename(path)})`), `${nameOf(path)} is listed`);
    t.ok(readTranscriptFile(path).heading.some(([fact]) => fact === "client"));
  }
});
