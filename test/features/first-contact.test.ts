import t from "tap";
import type { CertificateAuthority } from "#certs/authority.js";
import {
  createCertificateAuthority,
  type IssuedCertificate,
  issueClientCertificate,
  issueOperatorCertificate,
} from "#certs/certificates.js";
import { describeCertificate } from "#certs/describe.js";
import { issueRevocationList } from "#certs/revocation-list.js";
import { V2_1 } from "#protocol/versions.js";
import { localActor } from "#src/administration/audit-record.js";
import { LocalAdministration } from "#src/administration/local-administration.js";
import { startWithAdmin } from "#test/support/admin.js";
import { keyPem, testCertificate } from "#test/support/certificate-requests.js";
import { actionsOf } from "#test/support/kmip-actions.js";
import { type ClientIdentity, KmipClient } from "#test/support/kmip-client.js";

t.setTimeout(550_000);

const server = await startWithAdmin();
t.teardown(() => server.end());
const { runtime, kmipPort } = server;
const administration = new LocalAdministration(runtime, localActor, null);
const { firstContact } = administration;
const authority = runtime.authorities.clients.certificatePem;
await administration.createTenant({ name: "other" });

type Shown = Pick<IssuedCertificate, "certificatePem" | "privateKeyPem">;

const identityOf = ({ certificatePem, privateKeyPem }: Shown): ClientIdentity => ({
  certificate: certificatePem,
  key: privateKeyPem,
  authority,
});

/** Connects and makes a key; gives the open client, or undefined where the server did not let it through. */
async function served(shown: Shown): Promise<KmipClient | undefined> {
  try {
    const client = await KmipClient.connect({ port: kmipPort, identity: identityOf(shown) });
    await actionsOf(client, V2_1).create();
    return client;
  } catch {
    return undefined;
  }
}

async function isServed(shown: Shown): Promise<boolean> {
  const client = await served(shown);
  await client?.close();
  return client !== undefined;
}

const fingerprintOf = ({ certificatePem }: Shown): string => describeCertificate(certificatePem).fingerprint256;

async function waitingFor(shown: Shown) {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const found = (await firstContact.pending()).find(({ fingerprint }) => fingerprint === fingerprintOf(shown));
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return undefined;
}

/** Whether a connection was refused for a reason; the row is written after the client has heard of it. */
async function isAudited(reason: string): Promise<boolean> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const rows = await administration.listAudit({ operation: "(connection)", limit: 100 });
    if (rows.some(({ resultReason }) => resultReason === reason)) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

const selfSigned = await createCertificateAuthority({ commonName: "array-1", validityDays: 1 });
const leaf = async (ca: CertificateAuthority, commonName: string, organization = "Bank"): Promise<IssuedCertificate> =>
  issueClientCertificate({ ca, commonName, organization, validityDays: 1 });

t.test("a certificate that nobody knows waits, and gets through once it is accepted by its fingerprint", async (t) => {
  t.equal(await isServed(selfSigned), false);
  const waiting = await waitingFor(selfSigned);
  t.match(waiting, {
    subject: "CN=array-1",
    issuer: "CN=array-1",
    keyType: "EC P-256",
    address: "127.0.0.1",
    listener: "kmip",
    state: "waiting",
    authority: null,
  });
  t.equal(await isServed(selfSigned), false, "waiting is not being accepted");
  t.ok(await isAudited("waiting-for-acceptance"));
  const digits = fingerprintOf(selfSigned).toUpperCase().match(/../g)?.slice(0, 4).join(":") ?? "";
  const client = await firstContact.accept({ fingerprint: digits, tenant: "demo" });
  t.match(client, { name: "array-1", tenant: "demo", state: "active" });
  t.equal(await isServed(selfSigned), true);
  t.equal(await waitingFor({ ...selfSigned, certificatePem: authority }), undefined);
  t.match((await administration.listAudit({ operation: "Accept Client" }))[0], { outcome: "success", tenant: "demo" });
  const events = await administration.listAudit({ events: true });
  t.ok(events.some(({ resultReason }) => resultReason === "client-waiting"));
});

t.test("revoking an accepted client ends its open connection and refuses the next", async (t) => {
  const client = await served(selfSigned);
  t.ok(client);
  await administration.revokeClient({ tenant: "demo", name: "array-1" });
  await client?.closed;
  t.equal(await isServed(selfSigned), false);
  t.notOk((await firstContact.pending()).some(({ fingerprint }) => fingerprint === fingerprintOf(selfSigned)));
});

t.test("a rejected certificate is listed no more, and can be accepted all the same", async (t) => {
  const shown = await createCertificateAuthority({ commonName: "array-2", validityDays: 1 });
  await served(shown);
  t.ok(await waitingFor(shown));
  await firstContact.reject(fingerprintOf(shown));
  await served(shown);
  t.same(await firstContact.pending(), []);
  t.equal((await firstContact.pending(true)).length, 1);
  await t.rejects(firstContact.reject(fingerprintOf(shown)), { code: "wrong-state" });
  await firstContact.accept({ fingerprint: fingerprintOf(shown), tenant: "other", name: "second" });
  t.equal(await isServed(shown), true);
});

t.test("fingerprints that are too short, unknown or no digits are refused in words", async (t) => {
  await t.rejects(firstContact.accept({ fingerprint: "abcdef1", tenant: "demo" }), { code: "invalid" });
  await t.rejects(firstContact.accept({ fingerprint: "not digits at all", tenant: "demo" }), { code: "invalid" });
  await t.rejects(firstContact.accept({ fingerprint: "00000000", tenant: "demo" }), { code: "not-found" });
});

t.test("weak keys, expired certificates and those for servers do not wait", async (t) => {
  const before = (await firstContact.pending(true)).length;
  const late = await createCertificateAuthority({ commonName: "late", validityDays: 1e-9 });
  const forServers = await testCertificate({ subject: "/CN=web", extensions: ["extendedKeyUsage=serverAuth"] });
  t.equal(await isServed(late), false);
  t.equal(await isServed({ certificatePem: forServers.pem, privateKeyPem: keyPem(forServers.pair) }), false);
  t.ok(await isAudited("certificate-expired"));
  t.ok(await isAudited("certificate-purpose"));
  await new Promise((resolve) => setTimeout(resolve, 300));
  t.equal((await firstContact.pending(true)).length, before);
});

t.test("an imported authority has its clients wait, or registers them, and only those its rules admit", async (t) => {
  const ca = await createCertificateAuthority({ commonName: "Bank CA", validityDays: 10 });
  const trust = { certificates: ca.certificatePem, rules: { subject: { O: "Bank", CN: "kmip-*" } } };
  await firstContact.addTrust({ tenant: "demo", name: "bank", ...trust });
  const one = await leaf(ca, "kmip-1");
  t.equal(await isServed(one), false);
  t.match(await waitingFor(one), { authority: "demo/bank", suggestedName: "kmip-1" });
  await firstContact.accept({ fingerprint: fingerprintOf(one), tenant: "demo" });
  t.equal(await isServed(one), true);

  const outside = await leaf(ca, "web-1");
  t.equal(await isServed(outside), false);
  t.match(await waitingFor(outside), { authority: null, note: /CN of its subject does not match/ });

  await firstContact.removeTrust({ tenant: "demo", name: "bank" });
  t.equal(await isServed(one), false, "the authority vouches no more");
  await firstContact.addTrust({ tenant: "demo", name: "bank", ...trust, autoRegister: true });
  const two = await leaf(ca, "kmip-2");
  const open = await served(two);
  t.ok(open, "registered at first contact");
  t.match((await administration.listAudit({ operation: "Register Client" }))[0], {
    tenant: "demo",
    outcome: "success",
  });
  t.equal(await isServed(await leaf(ca, "kmip-2")), true, "a renewed certificate is one more of the same client");
  const clients = await administration.listClients("demo");
  t.equal(clients.find(({ name }) => name === "kmip-2")?.certificates.length, 2);

  t.equal(await isServed(await leaf(ca, "kmip-1")), false, "the name of a client that others vouched for");
  await firstContact.removeTrust({ tenant: "demo", name: "bank" });
  await open?.closed;
  t.equal(await isServed(two), false);
});

t.test("an authority of one tenant lets nobody into another", async (t) => {
  const ca = await createCertificateAuthority({ commonName: "Shared CA", validityDays: 10 });
  const rules = { anyName: true };
  await firstContact.addTrust({
    tenant: "other",
    name: "shared",
    certificates: ca.certificatePem,
    rules,
    autoRegister: true,
  });
  const one = await leaf(ca, "host-1", "demo");
  t.equal(await isServed(one), true);
  const where = (await administration.listClients())
    .filter(({ name }) => name === "host-1")
    .map(({ tenant }) => tenant);
  t.same(where, ["other"], "whatever the certificate calls itself");
  await firstContact.addTrust({
    tenant: "demo",
    name: "shared",
    certificates: ca.certificatePem,
    rules,
    autoRegister: true,
  });
  const two = await leaf(ca, "host-2");
  t.equal(await isServed(two), false, "both tenants trust it: nobody decides by chance");
  t.match(await waitingFor(two), { authority: null, note: /several tenants/ });
  await firstContact.removeTrust({ tenant: "demo", name: "shared" });
  t.equal(await isServed(one), true, "removing the authority of one tenant leaves the other's clients");
});

t.test("revocation lists take effect on open connections, and an expired one fails closed", async (t) => {
  const ca = await createCertificateAuthority({ commonName: "List CA", validityDays: 10 });
  const lists = (revoked: readonly Shown[], validityDays = 1) =>
    issueRevocationList({
      ca,
      revoked: revoked.map(({ certificatePem }) => ({
        serial: describeCertificate(certificatePem).serial,
        revokedAt: new Date(),
      })),
      validityDays,
    });
  const name = { tenant: "demo", name: "lists" };
  const rules = { anyName: true };
  const certificates = ca.certificatePem;
  await firstContact.addTrust({ ...name, certificates, rules, autoRegister: true, revocationLists: lists([]) });
  const [one, two] = [await leaf(ca, "lists-1"), await leaf(ca, "lists-2")];
  const open = await served(one);
  t.ok(open);
  t.equal(await isServed(two), true);
  await firstContact.setRevocationLists({ ...name, lists: lists([one]) });
  await open?.closed;
  t.equal(await isServed(one), false);
  t.equal(await isServed(two), true);
  t.ok(await isAudited("certificate-revoked"));

  await firstContact.setRevocationLists({ ...name, lists: lists([one], 2 / 86_400) });
  await new Promise((resolve) => setTimeout(resolve, 3000));
  t.equal(await isServed(two), false, "the list is overdue");
  t.ok(await isAudited("revocation-list"));
  await t.rejects(firstContact.setRevocationLists({ ...name, lists: lists([], 1e-9) }), /expired on/);
  const stranger = await createCertificateAuthority({ commonName: "List CA", validityDays: 10 });
  const forged = issueRevocationList({ ca: stranger, revoked: [] });
  await t.rejects(firstContact.setRevocationLists({ ...name, lists: forged }), /not signed by an authority/);
  await firstContact.setRevocationLists({ ...name, lists: null });
  t.equal(await isServed(two), true);
});

t.test("what is no authority to trust is refused in words", async (t) => {
  const ca = await createCertificateAuthority({ commonName: "Plain CA", validityDays: 10 });
  const add = (more: object) =>
    firstContact.addTrust({
      tenant: "demo",
      name: "plain",
      certificates: ca.certificatePem,
      rules: { anyName: true },
      ...more,
    });
  await t.rejects(add({ certificates: (await leaf(ca, "x")).certificatePem }), /no certification authority/);
  await t.rejects(add({ certificates: authority }), /the authority of this server/);
  await t.rejects(add({ certificates: "nothing" }), /no certificate in PEM/);
  await t.rejects(add({ certificates: ca.certificatePem + ca.privateKeyPem }), /private key/);
  await t.rejects(add({ rules: {} }), /at least one rule/);
  await t.rejects(add({ rules: { subject: { X: "a" } } }), /no kind of part/);
  await t.rejects(add({ rules: { dns: ["*****.a"] } }), /four stars/);
  await t.rejects(firstContact.showTrust({ tenant: "demo", name: "plain" }), { code: "not-found" });
});

t.test("a certificate that claims to be of an authority and is not gets nowhere", async (t) => {
  const ca = await createCertificateAuthority({ commonName: "Real CA", validityDays: 10 });
  const twin = await createCertificateAuthority({ commonName: "Real CA", validityDays: 10 });
  await firstContact.addTrust({
    tenant: "demo",
    name: "real",
    certificates: ca.certificatePem,
    rules: { anyName: true },
    autoRegister: true,
  });
  const forged = await leaf(twin, "forger");
  t.equal(await isServed(forged), false);
  t.match(await waitingFor(forged), { authority: null });
  const own = runtime.authorities.clients;
  const ownTwin = await createCertificateAuthority({
    commonName: describeCertificate(own.certificatePem).subject.slice(3),
    validityDays: 1,
  });
  t.equal(await isServed(await leaf(ownTwin, "demo-client", "demo")), false);
  const operator = await issueOperatorCertificate({
    ca: runtime.authorities.operators,
    commonName: "x",
    validityDays: 1,
  });
  t.equal(await isServed(operator), false, "operators are no clients");
});
