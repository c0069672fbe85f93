import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import type { InteropSuite, SuiteContext } from "../suite.js";

/** What the client does, as the audit trail calls it. */
const steps = [
  "Query",
  "Create Key Pair",
  "Get",
  "Modify Attribute",
  "Modify Attribute",
  "Activate",
  "Sign",
  "RNG Retrieve",
  "Destroy",
  "Revoke",
  "Destroy",
  "Get",
];

async function run({ checks, programs, rustProgram, startServer }: SuiteContext): Promise<void> {
  const server = await startServer();
  const { certificate, key, authority } = server.client;
  const printed = await checks.check("the client does all that Krill does, over one connection", () =>
    programs.succeed(rustProgram, [String(server.port), certificate, key, authority]),
  );
  const [material = "", signature = "", random = ""] = printed?.split("\n") ?? [];
  await checks.check("the signature verifies by the public key that Get gave, in PKCS #1", () => {
    const publicKey = createPublicKey({ key: Buffer.from(material, "hex"), format: "der", type: "pkcs1" });
    assert.equal(publicKey.asymmetricKeyDetails?.modulusLength, 2048);
    assert.ok(verify("sha256", Buffer.from("signed by krill"), publicKey, Buffer.from(signature, "hex")));
  });
  await checks.check("RNG Retrieve gave 32 bytes", () => assert.match(random, /^[0-9a-f]{64}$/));
  await checks.check("the audit trail has each step, and the last one refused", async () => {
    const rows = await server.auditRows();
    assert.deepEqual(
      rows.slice(-steps.length).map(({ operation }) => operation),
      steps,
    );
    assert.deepEqual(
      rows.slice(-steps.length).map(({ outcome }) => outcome),
      steps.map((_, index) => (index === steps.length - 1 ? "failure" : "success")),
    );
  });
}

/** The Rust crate that Krill signs with, in the steps of its signer. */
export const krillSuite: InteropSuite = {
  name: "krill",
  proves: "the crate kmip-protocol signs with keys from here, as Krill does",
  speed: "slow",
  debianPackages: [
    { name: "libssl-dev", file: "/usr/include/openssl/ssl.h" },
    { name: "pkg-config", file: "/usr/bin/pkg-config" },
  ],
  rustProgram: "conformance/interop/krill",
  run,
};
