import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import t from "tap";
import { createCertificateAuthority, issueClientCertificate } from "#certs/certificates.js";
import { describeCertificate } from "#certs/describe.js";
import { CertificateError } from "#certs/errors.js";
import { issueRevocationList } from "#certs/revocation-list.js";

const run = promisify(execFile);
const ca = await createCertificateAuthority({ commonName: "Keyreeve test authority", validityDays: 30 });
const client = await issueClientCertificate({ ca, commonName: "c", validityDays: 1 });
const kept = await issueClientCertificate({ ca, commonName: "d", validityDays: 1 });
const { serial } = describeCertificate(client.certificatePem);

t.test("a revocation list is signed by its authority and carries number, serial and reason", async (t) => {
  const revoked = [{ serial, revokedAt: new Date("2026-01-02T03:04:05Z"), reason: "keyCompromise" } as const];
  const list = issueRevocationList({ ca, revoked, number: 200n });
  const folder = t.testdir({ "ca.pem": ca.certificatePem, "list.pem": list });
  const command = ["crl", "-in", join(folder, "list.pem"), "-CAfile", join(folder, "ca.pem"), "-noout", "-text"];
  const { stdout, stderr } = await run("openssl", command);
  t.match(stderr, /verify OK/);
  t.match(stdout, /Version 2/);
  t.match(stdout, new RegExp(`Serial Number: ${serial}`, "i"));
  t.match(stdout, /Key Compromise/);
  t.match(stdout, /CRL Number:\s+200/);
  t.match(stdout, /Jan {2}2 03:04:05 2026 GMT/);
});

t.test("openssl refuses the revoked certificate and accepts the other", async (t) => {
  const list = issueRevocationList({ ca, revoked: [{ serial, revokedAt: new Date() }] });
  const folder = t.testdir({
    "ca.pem": ca.certificatePem,
    "list.pem": list,
    "c.pem": client.certificatePem,
    "d.pem": kept.certificatePem,
  });
  const verify = (leaf: string) =>
    run("openssl", [
      "verify",
      "-crl_check",
      "-CRLfile",
      join(folder, "list.pem"),
      "-CAfile",
      join(folder, "ca.pem"),
      join(folder, leaf),
    ]);
  await t.rejects(verify("c.pem"), { message: /certificate revoked/ });
  t.match((await verify("d.pem")).stdout, /OK/);
});

t.test("an empty list leaves the entries out and still verifies", async (t) => {
  const folder = t.testdir({ "ca.pem": ca.certificatePem, "list.pem": issueRevocationList({ ca, revoked: [] }) });
  const command = ["crl", "-in", join(folder, "list.pem"), "-CAfile", join(folder, "ca.pem"), "-noout", "-text"];
  const { stdout, stderr } = await run("openssl", command);
  t.match(stderr, /verify OK/);
  t.match(stdout, /No Revoked Certificates/);
});

t.test("a serial number that is not hexadecimal is refused", async (t) => {
  t.throws(() => issueRevocationList({ ca, revoked: [{ serial: "xyz", revokedAt: new Date() }] }), CertificateError);
});
