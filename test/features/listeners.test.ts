import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import t from "tap";
import { describeCertificate } from "#certs/describe.js";
import { attributes } from "#protocol/attributes/definitions.js";
import {
  CredentialType,
  CryptographicAlgorithm,
  CryptographicUsageMask,
  KeyFormatType,
  Operation,
} from "#protocol/enums/index.js";
import { authentication } from "#protocol/messages/header.js";
import type { GetResponse } from "#protocol/payloads/get.js";
import { Tag } from "#protocol/tags.js";
import { V1_0, V1_2 } from "#protocol/versions.js";
import { callerAs } from "#test/support/admin.js";
import { openssl } from "#test/support/certificate-requests.js";
import { instance, requested } from "#test/support/kmip-actions.js";
import { type ClientIdentity, ConnectionLost, KmipClient } from "#test/support/kmip-client.js";
import { askAll, askFor, createKeyPayload, named } from "#test/support/kmip-client-messages.js";
import {
  clientFolder,
  freePort,
  readIdentity,
  runKeyreeve,
  startedHome,
  startTestServer,
} from "#test/support/server.js";

t.setTimeout(550_000);

const ports = { old: await freePort(), firewalls: await freePort(), dns: await freePort() };
const configuration = `
kmip:
  listeners:
    - { name: old, host: 127.0.0.1, port: ${ports.old}, profile: legacy-tls }
    - { name: firewalls, host: 127.0.0.1, port: ${ports.firewalls}, profile: fortigate, tenant: network }
    - { name: dns, host: 127.0.0.1, port: ${ports.dns}, profile: cascade }
`;
const home = startedHome();
writeFileSync(join(home, "keyreeve.yaml"), configuration);
const server = await startTestServer({ home });
t.teardown(() => server.stop());
const demo = readIdentity(clientFolder(home));
const weakest = "ALL:@SECLEVEL=0";

const connect = (port: number, identity: ClientIdentity, more: object = {}) =>
  KmipClient.connect({ port, identity, ...more });

const ask = (client: KmipClient) => askFor(client, V1_2, Operation.Query, { queryFunctions: [1] });

async function logged(words: RegExp): Promise<string> {
  for (let tries = 0; tries < 200; tries++) {
    const line = server
      .output()
      .split("\n")
      .find((each) => words.test(each));
    if (line !== undefined) return line;
    await pause(25);
  }
  return server.output();
}

for (const version of ["TLSv1", "TLSv1.1"] as const) {
  t.test(`${version} is spoken on a listener of the TLS profile legacy and refused on the first one`, async (t) => {
    const versions = { minVersion: version, maxVersion: version, ciphers: weakest };
    const client = await connect(ports.old, demo, versions);
    t.ok(await ask(client));
    await client.close();
    await t.rejects(connect(server.kmipPort, demo, versions), { code: "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION" });
    t.match(
      await logged(/"code":"protocol-version"/),
      /"listener":"kmip".*TLS profile is `legacy` \(kmip\.listeners\)/,
    );
    await t.rejects(connect(ports.dns, demo, versions), "nor on another one that does not ask for it");
  });
}

t.test("the weakness of a listener is announced at start and shown in the status", async (t) => {
  t.match(
    await logged(/TLS profile legacy/),
    new RegExp(`old.{1,3} has the TLS profile legacy: on port ${ports.old} TLS 1.0`),
  );
  t.match(await logged(/firewalls.{1,3} has clientCertificate optional/), /"level":"warn"|"level":40/);
  const { stdout } = await runKeyreeve(home, ["status"]);
  t.match(stdout, new RegExp(`old +${ports.old} +legacy \\(weak\\) +required`));
  const told = JSON.parse((await runKeyreeve(home, ["status", "--json"])).stdout);
  t.match(told.listeners, [
    { name: "old", port: ports.old, tls: "legacy", profile: "legacy-tls", tenant: null },
    { name: "firewalls", clientCertificate: "optional", tls: "compatible", profile: "fortigate", tenant: "network" },
    { name: "dns", clientCertificate: "required", profile: "cascade" },
  ]);
});

t.test("a client that comes by user name alone is served on a listener of its tenant, as FortiGate does", async (t) => {
  await server.administration.createTenant("network");
  const folder = await server.administration.issueClient("network", "gate");
  await server.administration.setCredential(
    JSON.stringify({ tenant: "network", client: "gate", username: "gate-user", password: "a long password" }),
  );
  const nobody = { authority: demo.authority };
  const headed = (username: string, password: string) => {
    const credentialValue = { username, password };
    const credential = [{ credentialType: CredentialType.UsernameAndPassword, credentialValue }];
    return [authentication.encode(Tag.Authentication, { credential }, { version: V1_0 })];
  };
  const asked = { operation: Operation.Create, payload: createKeyPayload() };
  const status = async (port: number, name: string, password = "a long password") => {
    const client = await connect(port, nobody);
    const [answer] = await askAll(client, V1_0, [asked], headed(name, password));
    await client.close();
    return answer?.message ?? "served";
  };
  t.equal(await status(ports.firewalls, "gate-user"), "served");
  t.equal(await status(ports.firewalls, "network/gate-user"), "served", "also with its tenant before it");
  t.match(await status(ports.firewalls, "gate-user", "another password"), /credential is not right/);
  t.match(await status(ports.firewalls, "demo/gate-user"), /credential is not right/);
  await t.rejects(status(server.kmipPort, "network/gate-user"), "the first listener wants a certificate");
  const own = await connect(ports.firewalls, readIdentity(folder));
  const [certified] = await askAll(own, V1_0, [asked], headed("gate-user", "a long password"));
  t.equal(certified?.message, undefined, "one with a certificate is served as well");
  const stranger = await connect(ports.firewalls, demo);
  const [refused] = await askAll(stranger, V1_0, [asked]);
  t.equal(refused?.message, "this port serves the clients of another tenant");
});

t.test("a weak client certificate waits, is accepted and served on the listener with old TLS alone", async (t) => {
  const subject = ["-subj", "/CN=old-array", "-addext", "extendedKeyUsage=clientAuth", "-days", "1"];
  const weak = await openssl(["req", "-x509", "-sha1", "-newkey", "rsa:1024", "-nodes", ...subject, "-keyout", "-"]);
  const [key = "", certificate = ""] = weak.toString().split(/(?<=-----END PRIVATE KEY-----\n)/);
  const identity = { key, certificate, authority: demo.authority };
  const versions = { ciphers: weakest, maxVersion: "TLSv1.2" } as const;
  const served = async (port: number): Promise<boolean> => {
    try {
      return (await ask(await connect(port, identity, versions))) !== undefined;
    } catch (error) {
      // A server that has judged may have cut before the end of its handshake has arrived.
      if (error instanceof ConnectionLost || String(error).includes("before secure TLS connection")) return false;
      throw error;
    }
  };
  t.equal(await served(server.kmipPort), false);
  t.match(await logged(/"code":"certificate-weak"/), /"listener":"kmip".*is too weak.*`legacy`/);
  t.equal(await served(ports.old), false);
  const { fingerprint256 } = describeCertificate(certificate);
  const waiting = await logged(/"code":"waiting-for-acceptance"/);
  t.match(waiting, new RegExp(`"listener":"old".*${fingerprint256}.*keyreeve client accept FINGERPRINT`));
  const accepted = await runKeyreeve(home, ["client", "accept", fingerprint256, "--tenant", "demo"]);
  t.equal(accepted.code, 0, accepted.stderr);
  t.equal(await served(ports.old), true);
  t.equal(await served(server.kmipPort), false, "the first listener does not take it, accepted or not");
});

t.test("the profile of a listener counts for the clients that come by it", async (t) => {
  const client = await connect(server.kmipPort, demo);
  const made = await askFor<{ publicKeyUniqueIdentifier: string }>(client, V1_2, Operation.CreateKeyPair, {
    commonAttributes: requested(
      instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.ECDSA),
      instance(attributes.cryptographicLength, 256),
    ),
    privateKeyAttributes: requested(instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Sign)),
    publicKeyAttributes: requested(instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Verify)),
  });
  const payload = { uniqueIdentifier: named(made.publicKeyUniqueIdentifier) };
  const format = async (each: KmipClient) =>
    (await askFor<GetResponse>(each, V1_2, Operation.Get, payload)).publicKey?.keyBlock.keyFormatType;
  t.equal(await format(client), KeyFormatType.X_509);
  t.equal(await format(await connect(ports.dns, demo)), KeyFormatType.Raw);
});

t.test("refused connections name their listener in the audit trail and the metrics", async (t) => {
  const client = await connect(ports.dns, { authority: demo.authority });
  await t.rejects(ask(client));
  await logged(/"listener":"dns".*no-client-certificate|no-client-certificate.*"listener":"dns"/);
  const recorded = /no-client-certificate.*\\"listener\\":\\"dns\\"/;
  let audit = "";
  for (let tries = 0; tries < 100 && !recorded.test(audit); tries++) {
    audit = await server.administration.exportAudit();
    await pause(25);
  }
  t.match(audit, recorded);
  const operator = callerAs(readIdentity(join(home, "operators", "admin")), server.adminPort);
  const metrics = (await operator.ask("/metrics")).text;
  operator.close();
  t.match(metrics, /handshake_failures_total{[^}]*listener="dns"[^}]*reason="no-client-certificate"[^}]*} 1/);
});

t.test("several processes serve on all listeners, and end in order", async (t) => {
  const several = startedHome();
  const port = await freePort();
  writeFileSync(
    join(several, "keyreeve.yaml"),
    `kmip:\n  listeners:\n    - { name: old, host: 127.0.0.1, port: ${port}, profile: legacy-tls }\n`,
  );
  const many = await startTestServer({ home: several, environment: { KEYREEVE_WORKERS: "2" } });
  t.teardown(() => many.kill());
  const identity = readIdentity(clientFolder(several));
  const versions = { minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: weakest };
  const clients = await Promise.all([1, 2, 3, 4].map(() => connect(port, identity, versions)));
  for (const client of clients) t.ok(await ask(client));
  await many.stop();
  await Promise.all(clients.map(({ closed }) => closed));
  t.equal(many.process.exitCode, 0);
});
