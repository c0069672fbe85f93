import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type InteropServer, projectRoot, readText } from "../interop-server.js";
import type { InteropSuite, SuiteContext } from "../suite.js";
import { pykmipPackage, python } from "./suite.js";

/** One run of a demo, with what has to stand in what it prints. */
interface Demo {
  readonly module: string;
  /** `{name}` stands for an identifier that an earlier demo made. */
  readonly args?: readonly string[];
  readonly prints: readonly RegExp[];
  /** Under which name the identifier that it prints first is kept. */
  readonly makes?: string;
  /** What the audit trail has of the run, in its order. */
  readonly does: readonly string[];
  /** Why the server refuses what it asks for last. */
  readonly refusedAs?: string;
}

const demoRunner = join(projectRoot, "conformance/interop/pykmip/demo.py");

const success = /result status: ResultStatus\.SUCCESS/;

/** The demos of kmip.demos.pie, over ProxyKmipClient. */
const pieDemos: readonly Demo[] = [
  {
    module: "pie.create",
    args: ["-a", "AES", "-l", "256"],
    prints: [/Successfully created symmetric key/],
    makes: "key",
    does: ["Create"],
  },
  {
    module: "pie.create_key_pair",
    args: ["-a", "RSA", "-l", "2048", "-n", "pair"],
    prints: [/Successfully created public key/, /Successfully created private key/],
    makes: "public",
    does: ["Create Key Pair"],
  },
  { module: "pie.get", args: ["-i", "{key}"], prints: [/Secret data: b'[0-9a-f]{64}'/], does: ["Get"] },
  {
    module: "pie.get_attribute_list",
    args: ["-i", "{key}"],
    prints: [/Attribute name: Cryptographic Length/, /Attribute name: State/],
    does: ["Get Attribute List"],
  },
  {
    module: "pie.get_attributes",
    args: ["-i", "{key}", "-a", "Cryptographic Length", "-a", "State"],
    prints: [/Attribute Cryptographic Length: 256/, /Attribute State: State\.PRE_ACTIVE/],
    does: ["Get Attributes"],
  },
  {
    module: "pie.register_certificate",
    prints: [/Successfully registered certificate/],
    makes: "certificate",
    does: ["Register"],
  },
  { module: "pie.register_opaque_object", prints: [/Successfully registered opaque object/], does: ["Register"] },
  {
    module: "pie.register_private_key",
    prints: [/the Key Material is no PKCS#8 private key/],
    does: ["Register"],
    refusedAs: "it registers a PKCS #1 key as PKCS #8",
  },
  {
    module: "pie.register_public_key",
    prints: [/the Key Material is no SubjectPublicKeyInfo/],
    does: ["Register"],
    refusedAs: "it registers a PKCS #1 key as X.509",
  },
  { module: "pie.register_secret_data", prints: [/Successfully registered secret data/], does: ["Register"] },
  { module: "pie.register_split_key", prints: [/Successfully registered split key/], does: ["Register"] },
  {
    module: "pie.register_symmetric_key",
    prints: [/Successfully registered symmetric key/],
    makes: "registered",
    does: ["Register"],
  },
  { module: "pie.get", args: ["-i", "{certificate}"], prints: [/Secret data: b'3082/], does: ["Get"] },
  { module: "pie.locate", args: ["--object-type", "CERTIFICATE"], prints: [/\{certificate\}/], does: ["Locate"] },
  {
    module: "pie.modify_attribute",
    args: ["-i", "{registered}"],
    prints: [/Successfully modified 'Name'/, /Modified Name/],
    does: ["Modify Attribute"],
  },
  { module: "pie.locate", args: ["-n", "Modified Name"], prints: [/\{registered\}/], does: ["Locate"] },
  {
    module: "pie.delete_attribute",
    args: ["-i", "{registered}"],
    prints: [/Successfully deleted 'Name'/],
    does: ["Delete Attribute"],
  },
  {
    module: "pie.set_attribute",
    args: ["-i", "{registered}"],
    prints: [/Successfully set the 'Sensitive' attribute/],
    does: ["Set Attribute"],
  },
  {
    module: "pie.encrypt",
    args: ["-m", "My test message."],
    prints: [/Successfully encrypted the message/],
    makes: "encrypting",
    does: ["Create", "Activate", "Encrypt"],
  },
  {
    module: "pie.decrypt",
    args: ["-i", "{encrypting}", "-m", "b{ciphertext}"],
    prints: [/Plain text: 'My test message\.'/],
    does: ["Decrypt"],
  },
  {
    module: "pie.mac",
    args: ["-i", "{mac}", "-a", "HMAC_SHA256"],
    prints: [/MACed data: b'[0-9a-f]{64}'/],
    does: ["MAC"],
  },
  { module: "pie.sign", prints: [/Signature: b['"]/], does: ["Register", "Activate", "Sign"] },
  {
    module: "pie.signature_verify",
    prints: [/the Key Material is no SubjectPublicKeyInfo/],
    does: ["Register"],
    refusedAs: "it registers a PKCS #1 key as X.509",
  },
  {
    module: "pie.derive_key",
    prints: [/Successfully created a new derivation key/, /the state of the key does not allow this use/],
    does: ["Create", "Derive Key", "Derive Key", "Derive Key", "Derive Key", "Derive Key"],
    refusedAs: "it derives from a key that it has not activated",
  },
  { module: "pie.revoke", args: ["-i", "{encrypting}"], prints: [/Successfully revoked/], does: ["Revoke"] },
  { module: "pie.destroy", args: ["-i", "{encrypting}"], prints: [/Successfully destroyed/], does: ["Destroy"] },
];

/** The demos of kmip.demos.units, over KMIPProxy, with a credential where they take one. */
const unitDemos: readonly Demo[] = [
  {
    module: "units.query",
    prints: [success, /operation supported: Operation\.CREATE/, /vendor identification: \w/],
    does: ["Query"],
  },
  {
    module: "units.discover_versions",
    args: ["-v", "1.4,1.2"],
    prints: [success, /number of protocol versions returned: 2/],
    does: ["Discover Versions"],
  },
  {
    module: "units.create",
    args: ["-a", "AES", "-l", "128", "-u", "someone", "-p", "secret"],
    prints: [success],
    makes: "unit",
    does: ["Create"],
  },
  {
    module: "units.create_key_pair",
    args: ["-a", "RSA", "-l", "2048", "-n", "units-pair"],
    prints: [success],
    does: ["Create Key Pair"],
  },
  {
    module: "units.register",
    args: ["-t", "SYMMETRIC_KEY", "-f", "RAW"],
    prints: [/ResultStatus\.OPERATION_FAILED/, /its length is none of that algorithm/],
    does: ["Register"],
    refusedAs: "it registers 128 bytes as a key of 128 bits",
  },
  { module: "units.register", args: ["-t", "SECRET_DATA", "-f", "RAW"], prints: [success], does: ["Register"] },
  { module: "units.register", args: ["-t", "CERTIFICATE", "-f", "X_509"], prints: [success], does: ["Register"] },
  { module: "units.register", args: ["-t", "PRIVATE_KEY", "-f", "PKCS_8"], prints: [success], does: ["Register"] },
  { module: "units.register", args: ["-t", "PUBLIC_KEY", "-f", "X_509"], prints: [success], does: ["Register"] },
  {
    module: "units.get",
    args: ["-i", "{unit}", "-f", "RAW"],
    prints: [success, /object type: 2/, /Cryptographic Length: 128/],
    does: ["Get"],
  },
  { module: "units.activate", args: ["-i", "{unit}"], prints: [success], does: ["Activate"] },
  { module: "units.locate", args: ["--state", "ACTIVE"], prints: [success, /\{unit\}/], does: ["Locate"] },
  { module: "units.revoke", args: ["-i", "{unit}"], prints: [success], does: ["Revoke"] },
  { module: "units.destroy", args: ["-i", "{unit}"], prints: [success], does: ["Destroy"] },
];

// The demos that need a configuration of their own version.
const versionOf: Readonly<Record<string, string>> = { "pie.set_attribute": "KMIP_2_0" };

const identifier = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

// A repetition such as {64} is no name.
const expressionOf = ({ source }: RegExp, filled: (text: string) => string): RegExp =>
  new RegExp(source.replaceAll(/\\\{([a-z]+)\\\}/g, (_, name: string) => filled(`{${name}}`)));

/** Runs one demo, looks at what it printed and at the audit trail, and keeps what later ones need. */
async function runDemo(
  { programs }: SuiteContext,
  server: InteropServer,
  configuration: string,
  demo: Demo,
  kept: Map<string, string>,
): Promise<void> {
  const filled = (text: string): string =>
    text.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      const value = kept.get(name);
      assert.ok(value, `an earlier demo made the ${name}`);
      return value;
    });
  const before = (await server.auditRows()).length;
  const args = [demoRunner, demo.module, "-s", configuration, ...(demo.args ?? []).map(filled)];
  const { stdout, stderr } = await programs.run(python, args);
  const printed = stdout + stderr;
  for (const expression of demo.prints) {
    assert.match(printed, expressionOf(expression, filled));
  }
  if (demo.makes !== undefined) kept.set(demo.makes, identifier.exec(printed)?.[0] ?? "");
  const ciphertext = /Cipher text: b'([0-9a-f]+)'/.exec(printed)?.[1];
  if (ciphertext !== undefined) kept.set("ciphertext", ciphertext);
  const rows = (await server.auditRows()).slice(before);
  assert.deepEqual(
    rows.map(({ operation }) => operation),
    demo.does,
  );
}

async function run(context: SuiteContext): Promise<void> {
  const server = await context.startServer();
  const kept = new Map<string, string>();
  const macKey = join(projectRoot, "conformance/interop/pykmip/mac_key.py");
  const made = await context.programs.succeed(python, [macKey, join(server.client.folder, "pykmip.conf")]);
  kept.set("mac", made.trim());
  const original = readText(join(server.client.folder, "pykmip.conf"));
  for (const demo of [...pieDemos, ...unitDemos]) {
    const version = versionOf[demo.module] ?? "KMIP_1_2";
    const configuration = join(context.folder, `${version}.conf`);
    writeFileSync(configuration, `${original}kmip_version=${version}\n`);
    const command = `kmip.demos.${[demo.module, ...(demo.args ?? [])].join(" ")}`;
    const title = demo.refusedAs === undefined ? command : `${command} is refused: ${demo.refusedAs}`;
    await context.checks.check(title, () => runDemo(context, server, configuration, demo, kept));
  }
}

/** The programs that PyKMIP brings to show what it does. */
export const pykmipDemosSuite: InteropSuite = {
  name: "pykmip-demos",
  proves: "PyKMIP's own demo programs do what they are to do",
  speed: "slow",
  debianPackages: [pykmipPackage],
  run,
};
