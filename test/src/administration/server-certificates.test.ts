import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { createCertificateAuthority } from "#certs/certificates.js";
import { ensureServerCertificates } from "#src/administration/installation.js";
import { homeLayout } from "#src/administration/layout.js";

const authority = await createCertificateAuthority({ commonName: "Test CA", validityDays: 10_000 });
const authorities = { clients: authority, operators: authority };

/** A data directory in which the server's certificates were made for some names; `again` runs the next start. */
async function madeFor(names: readonly string[]): Promise<{
  readonly certificate: (kind: "ec" | "rsa") => X509Certificate;
  readonly again: (next: readonly string[]) => Promise<string[]>;
  readonly layout: ReturnType<typeof homeLayout>;
}> {
  const home = mkdtempSync(join(tmpdir(), "keyreeve-certificates-"));
  t.teardown(() => rmSync(home, { recursive: true }));
  const layout = homeLayout(home);
  const again = async (next: readonly string[]): Promise<string[]> => {
    const steps: string[] = [];
    await ensureServerCertificates(home, authorities, next, (step) => void steps.push(step));
    return steps;
  };
  await again(names);
  return { certificate: (kind) => new X509Certificate(readFileSync(layout.serverCertificate(kind))), again, layout };
}

t.test("a start with the same names leaves the certificates alone", async (t) => {
  const { certificate, again } = await madeFor(["localhost", "127.0.0.1", "::1"]);
  const before = certificate("rsa").fingerprint256;
  t.same(await again(["localhost", "127.0.0.1", "::1"]), []);
  t.equal(certificate("rsa").fingerprint256, before);
});

t.test("a new name gets both certificates made anew", async (t) => {
  const { certificate, again } = await madeFor(["localhost"]);
  t.equal((await again(["localhost", "kms.example.org", "192.0.2.7"])).length, 2);
  for (const kind of ["ec", "rsa"] as const) {
    t.equal(certificate(kind).checkHost("kms.example.org"), "kms.example.org");
    t.equal(certificate(kind).checkIP("192.0.2.7"), "192.0.2.7");
  }
});

t.test("a key that does not fit its certificate, as a crash leaves it, is replaced with it", async (t) => {
  const { certificate, again, layout } = await madeFor(["localhost"]);
  const before = certificate("ec").fingerprint256;
  writeFileSync(layout.serverKey("ec"), readFileSync(layout.serverKey("rsa")));
  t.equal((await again(["localhost"])).length, 1);
  t.not(certificate("ec").fingerprint256, before);
});
