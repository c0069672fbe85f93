import t from "tap";
import { toPem } from "#certs/pem.js";
import { attributes } from "#protocol/attributes/definitions.js";
import {
  CertificateRequestType,
  CertificateType,
  CryptographicUsageMask,
  ObjectType,
  Operation,
  ResultReason,
  ResultReasonTable,
  ResultStatus,
} from "#protocol/enums/index.js";
import { enumerationName } from "#protocol/enums/table.js";
import { registerResponse } from "#protocol/payloads/register.js";
import { V2_1 } from "#protocol/versions.js";
import { localActor } from "#src/administration/audit-record.js";
import { AdministrationError } from "#src/administration/errors.js";
import { LocalAdministration } from "#src/administration/local-administration.js";
import { startWithAdmin } from "#test/support/admin.js";
import { hostileCertificates, hostileIdentities, hostileRequests } from "#test/support/hostile-certificates.js";
import { instance, requested } from "#test/support/kmip-actions.js";
import { KmipClient } from "#test/support/kmip-client.js";
import { type Answered, ask, named } from "#test/support/kmip-client-messages.js";
import { clientFolder, readIdentity } from "#test/support/server.js";

t.setTimeout(550_000);

/** Processor time that this process, server and all, may take over one certificate, in milliseconds. */
const mostWork = 1000;

// Before anybody connects: a connection that says nothing for as long as this takes on a busy machine is closed.
const certificates = hostileCertificates();
const requests = hostileRequests();

const server = await startWithAdmin();
const identity = readIdentity(clientFolder(server.home));
const client = await KmipClient.connect({ port: server.kmipPort, identity });
t.teardown(async () => {
  await client.close();
  await server.end();
});
const { firstContact } = new LocalAdministration(server.runtime, localActor, null);

/** What is wrong with an answer; empty where it is a success or a plain refusal. */
function faultOf({ status, reason, message }: Answered): string {
  if (status === ResultStatus.Success) return "";
  if (reason === undefined) return "a failure without a reason";
  const isOurs = reason === ResultReason.InternalServerError || (message ?? "").includes("internal error");
  return isOurs ? `${enumerationName(ResultReasonTable, reason)}: ${message}` : "";
}

/** Does something with each; gives what went wrong. */
async function each(
  inputs: ReadonlyMap<string, Buffer>,
  act: (bytes: Buffer, name: string) => Promise<string>,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const [name, bytes] of inputs) {
    const before = process.cpuUsage();
    const fault = await act(bytes, name).catch((error: unknown) => `threw ${String(error)}`);
    const milliseconds = process.cpuUsage(before).user / 1000;
    if (fault !== "") wrong.push(`${name}: ${fault}`);
    if (milliseconds > mostWork) wrong.push(`${name}: it took ${Math.round(milliseconds)} ms of work`);
  }
  return wrong;
}

/** Has an operator's request end in success or in an error for operators. */
async function administered(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
    return "";
  } catch (error) {
    return error instanceof AdministrationError ? "" : `not a refusal: ${error instanceof Error ? error.stack : error}`;
  }
}

/** A name for a client or an authority. */
const nameFor = (what: string): string => `odd-${what.replace(/[^a-z0-9]+/gi, "-").slice(0, 50)}`;

async function isServing(): Promise<boolean> {
  const other = await KmipClient.connect({ port: server.kmipPort, identity });
  const { status } = await ask(other, V2_1, { operation: Operation.DiscoverVersions, payload: {} });
  await other.close();
  return status === ResultStatus.Success;
}

const usable = requested(
  instance(attributes.activationDate, 0),
  instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Verify | CryptographicUsageMask.Encrypt),
);
const x509 = (certificateValue: Buffer) => ({ certificateType: CertificateType.X_509, certificateValue });

/** The identifier in the answer to a Register; undefined where it was refused. */
function registeredIn({ item }: Answered): string | undefined {
  if (item.responsePayload === undefined) return undefined;
  const told: unknown = registerResponse.decode(item.responsePayload, { version: V2_1 }).uniqueIdentifier;
  return typeof told === "string" ? told : undefined;
}

t.test("Register takes or refuses every certificate, and its key is used, and it is renewed, or not", async (t) => {
  let taken = 0;
  let unusable = 0;
  const wrong = await each(certificates, async (der) => {
    const payload = { objectType: ObjectType.Certificate, attributes: usable, certificate: x509(der) };
    const answered = await ask(client, V2_1, { operation: Operation.Register, payload });
    const id = registeredIn(answered);
    if (id === undefined) return faultOf(answered);
    taken += 1;
    const uniqueIdentifier = named(id);
    const used = { uniqueIdentifier, data: Buffer.alloc(32), signatureData: Buffer.alloc(64, 1) };
    const faults = [
      await ask(client, V2_1, { operation: Operation.SignatureVerify, payload: used }),
      await ask(client, V2_1, { operation: Operation.Encrypt, payload: used }),
      await ask(client, V2_1, {
        operation: Operation.ReCertify,
        payload: { uniqueIdentifier, attributes: requested() },
      }),
    ].map((each) => {
      if (each.reason === ResultReason.UnsupportedCryptographicParameters) unusable += 1;
      return faultOf(each);
    });
    return faults.find((fault) => fault !== "") ?? "";
  });
  t.same(wrong, []);
  t.ok(unusable > 1, "keys that nobody knows are not used");
  t.ok(taken > 10 && taken < certificates.size, `${taken} of ${certificates.size} are certificates`);
});

t.test("Validate judges every certificate, or refuses it", async (t) => {
  const wrong = await each(certificates, async (der) => {
    const payload = { certificates: [x509(der)], uniqueIdentifiers: [] };
    return faultOf(await ask(client, V2_1, { operation: Operation.Validate, payload }));
  });
  t.same(wrong, []);
});

t.test("Certify certifies or refuses every request", async (t) => {
  const wrong = await each(requests, async (certificateRequestValue) => {
    const asked = { certificateRequestType: CertificateRequestType.PKCS_10, certificateRequestValue };
    const payload = { ...asked, attributes: requested() };
    return faultOf(await ask(client, V2_1, { operation: Operation.Certify, payload }));
  });
  t.same(wrong, []);
});

t.test("an operator who signs such a request, or trusts such an authority, is told why it cannot be", async (t) => {
  const signed = await each(requests, (der, name) =>
    administered(() => firstContact.sign({ tenant: "demo", name: nameFor(name), request: der.toString("base64") })),
  );
  t.same(signed, []);
  const trusted = await each(certificates, (der, name) =>
    administered(() =>
      firstContact.addTrust({
        tenant: "demo",
        name: nameFor(name),
        certificates: toPem("CERTIFICATE", der),
        rules: { anyName: true },
      }),
    ),
  );
  t.same(trusted, []);
});

t.test("a client that shows such a certificate is let in or not, and the next one is served", async (t) => {
  const { key, certificates: shown } = hostileIdentities();
  const wrong = await each(shown, async (der) => {
    const itsIdentity = { certificate: toPem("CERTIFICATE", der), key, authority: identity.authority };
    const other = await KmipClient.connect({ port: server.kmipPort, identity: itsIdentity }).catch(() => undefined);
    await other?.closedWithin(5000);
    await other?.close();
    return (await isServing()) ? "" : "the next client was not served";
  });
  t.same(wrong, []);
  const waiting = await firstContact.pending();
  t.ok(waiting.length > 0, "some wait for an operator");
  const accepted = await each(
    new Map(waiting.map(({ fingerprint }) => [fingerprint, Buffer.alloc(0)])),
    (_, fingerprint) =>
      administered(() => firstContact.accept({ fingerprint, tenant: "demo", name: `odd-${fingerprint.slice(0, 8)}` })),
  );
  t.same(accepted, []);
});
