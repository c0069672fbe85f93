import { readdirSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { type ProbeReport, probe } from "#src/crypto/pkcs11/probe.js";
import { parseProfile } from "#src/crypto/pkcs11/profiles/profile.js";
import { SHIPPED } from "#src/crypto/pkcs11/profiles/shipped.js";
import { NSS_LABEL, NSS_MODULE, startNss } from "#test/support/nss.js";
import { SOFTHSM_MODULE, startSoftHsm } from "#test/support/softhsm.js";
import { refusal } from "./contract/keys.js";

const TIMEOUT = 60_000;

const hsm = await startSoftHsm();
const nss = await startNss();
t.teardown(async () => {
  await hsm.close();
  await nss.close();
});
const softhsm = {
  path: SOFTHSM_MODULE,
  environment: { SOFTHSM2_CONF: join(hsm.folder, "softhsm2.conf") },
};

function objectsOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".object"))
    .sort();
}

function shipped(name: string) {
  return SHIPPED.find((profile) => profile.name === name)?.quirks;
}

async function probed(...request: Parameters<typeof probe>): Promise<ProbeReport> {
  const report = await probe(...request);
  t.same(parseProfile(JSON.stringify(report)).quirks, report.quirks, "what is written can be read as a profile");
  return report;
}

t.test("a probe of SoftHSM finds the quirks of the profile that is built in, and leaves nothing behind", async (t) => {
  const before = objectsOf(hsm.folder);
  const report = await probed({ module: softhsm, pin: await hsm.options.pin() }, TIMEOUT);
  t.same(report.quirks, shipped("softhsm"));
  t.match(report, { name: "softhsm", manufacturer: "SoftHSM", libraryVersions: ["2.6"] });
  const { trials, lacking, callsPerSecond, slots } = report.findings;
  t.match(trials, {
    "wraps by CKM_AES_KEY_WRAP_PAD": "zeros",
    "wraps by CKM_AES_KEY_WRAP_KWP": "absent",
    "shortest HMAC keys in bytes": { sha1: 20, sha256: 32, sha384: 48, sha512: 64 },
    "GCM without an IV": true,
    "EC keys agree as elsewhere": true,
  });
  t.ok((trials["GCM tags made, in bits"] as readonly number[]).includes(0), "a tag of no bits is made");
  t.same(lacking, { root: [], tenant: [] });
  t.ok((callsPerSecond["ECDSA P-256"] ?? 0) > 0);
  t.ok(slots.some(({ tokenLabel }) => tokenLabel === hsm.options.tokenLabel));
  t.same(objectsOf(hsm.folder), before);
  await hsm.partition.checkHealth();
});

t.test("a probe of NSS finds the quirks of the profile that is built in", async (t) => {
  const { module, pin } = nss.options;
  const before = (await nss.partition.tokenKeys()).length;
  const report = await probed({ module, tokenLabel: NSS_LABEL, pin: await pin() }, TIMEOUT);
  t.same(report.quirks, shipped("nss"));
  t.match(report.findings.trials, {
    "wraps by CKM_AES_KEY_WRAP_KWP": "exact",
    "wraps by CKM_AES_KEY_WRAP_PAD": "other",
    "session objects seen under other tokens": false,
    "RSA OAEP": "any",
  });
  t.equal((await nss.partition.tokenKeys()).length, before);
});

t.test("without a PIN a module is only read", async (t) => {
  const { findings } = await probed({ module: softhsm }, TIMEOUT);
  t.same(findings.trials, {});
  t.match(findings.notTried[0], /--pin-file/);
  t.ok(findings.mechanisms.length > 50);
});

t.test("a module that is not there, a token that is not, a wrong PIN and a hang are told apart", async (t) => {
  const nowhere = { path: "/nowhere/libmodule.so" };
  await t.rejects(probe({ module: nowhere }, TIMEOUT), refusal("invalid-data"));
  await t.rejects(probe({ module: softhsm, tokenLabel: "nobody's" }, TIMEOUT), { message: /labelled "nobody's"/ });
  const wrong = probe({ module: softhsm, pin: Buffer.from("00000000") }, TIMEOUT);
  await t.rejects(wrong, { message: /refuses the PIN/ });
  await t.rejects(probe({ module: { path: NSS_MODULE } }, 1), { message: /did not answer within/ });
});
