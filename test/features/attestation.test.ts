import t from "tap";
import { AttestationType, CredentialType, Operation, ResultReason, ResultStatus } from "#protocol/enums/index.js";
import { type Credential, credential } from "#protocol/messages/header.js";
import type { ResponseMessage } from "#protocol/messages/message.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { type ProtocolVersion, V1_1, V1_4, V2_1 } from "#protocol/versions.js";
import { createKeyPayload, readAnswer, requestMessageItem, structureItem } from "#test/support/kmip-client-messages.js";
import { clientFolder, connectTo, readIdentity, startTestServer } from "#test/support/server.js";
import { makeTpm } from "#test/support/tpm.js";

t.setTimeout(550_000);

const server = await startTestServer();
t.teardown(() => server.stop());
const tpm = makeTpm();
const registerDigest = Buffer.alloc(32, 0xab);

async function clientThatMustAttest(name: string): Promise<Awaited<ReturnType<typeof connectTo>>> {
  await server.administration.issueClient("demo", name);
  const attestation = { publicKey: tpm.publicKey, registerDigests: [registerDigest.toString("hex")] };
  await server.administration.changeClient("demo", name, JSON.stringify({ attestation }));
  return connectTo(server, { identity: readIdentity(clientFolder(server.home, "demo", name)) });
}

type Nonce = NonNullable<ResponseMessage["responseHeader"]["nonce"]>;

const capable: Item = { tag: Tag.AttestationCapableIndicator, type: ItemType.Boolean, value: true };

function attestation(nonce: Nonce, measurement: Buffer | undefined, version: ProtocolVersion): Item {
  const value: Credential = {
    credentialType: CredentialType.Attestation,
    credentialValue: { nonce, attestationType: AttestationType.TPMQuote, attestationMeasurement: measurement },
  };
  return structureItem(Tag.Authentication, credential.encode(Tag.Credential, value, { version }));
}

const client = await clientThatMustAttest("attesting");
t.teardown(() => client.close());

async function create(version: ProtocolVersion, ...header: readonly Item[]): Promise<ResponseMessage> {
  const asked = [{ operation: Operation.Create, payload: createKeyPayload() }];
  return readAnswer(await client.request(requestMessageItem(version, asked, header)), version);
}

function reasonOf({ batchItems }: ResponseMessage): number | undefined {
  return batchItems[0]?.resultReason;
}

async function askForNonce(version: ProtocolVersion): Promise<Nonce> {
  const { nonce } = (await create(version, capable)).responseHeader;
  if (nonce === undefined) throw new RangeError("the answer holds no nonce");
  return nonce;
}

t.test("a client that can attest and did not is told so, with a nonce and the types that are taken", async (t) => {
  const answer = await create(V2_1, capable);
  t.equal(reasonOf(answer), ResultReason.AttestationRequired);
  t.equal(answer.responseHeader.nonce?.nonceValue.length, 32);
  t.same(answer.responseHeader.attestationType, [AttestationType.TPMQuote]);
});

t.test("a client that cannot attest is refused without a nonce", async (t) => {
  const answer = await create(V2_1);
  t.equal(reasonOf(answer), ResultReason.PermissionDenied);
  t.equal(answer.responseHeader.nonce, undefined);
});

for (const version of [V1_4, V2_1]) {
  t.test(`a quote over the nonce lets one request through (${version})`, async (t) => {
    const nonce = await askForNonce(version);
    const proof = attestation(nonce, tpm.quote(nonce.nonceValue, registerDigest), version);
    const answer = await create(version, capable, proof);
    t.equal(answer.batchItems[0]?.resultStatus, ResultStatus.Success);
    t.not(answer.responseHeader.nonce?.nonceId.toString("hex"), nonce.nonceId.toString("hex"), "a nonce for the next");
    t.equal(reasonOf(await create(version, capable, proof)), ResultReason.AttestationFailed, "and no second one");
  });
}

t.test("a quote of other registers, over another nonce or of no TPM at all fails", async (t) => {
  const other = await askForNonce(V2_1);
  const bad: readonly ((nonce: Nonce) => Buffer | undefined)[] = [
    (nonce) => tpm.quote(nonce.nonceValue, Buffer.alloc(32)),
    () => tpm.quote(other.nonceValue, registerDigest),
    (nonce) => makeTpm().quote(nonce.nonceValue, registerDigest),
    () => Buffer.from("no quote"),
    () => undefined,
  ];
  for (const measure of bad) {
    const nonce = await askForNonce(V2_1);
    const answer = await create(V2_1, capable, attestation(nonce, measure(nonce), V2_1));
    t.equal(reasonOf(answer), ResultReason.AttestationFailed);
  }
});

t.test("a nonce of another client proves nothing", async (t) => {
  const nonce = await askForNonce(V2_1);
  const second = await clientThatMustAttest("attesting-too");
  t.teardown(() => second.close());
  const proof = attestation(nonce, tpm.quote(nonce.nonceValue, registerDigest), V2_1);
  const asked = [{ operation: Operation.Create, payload: createKeyPayload() }];
  const answer = readAnswer(await second.request(requestMessageItem(V2_1, asked, [capable, proof])), V2_1);
  t.equal(reasonOf(answer), ResultReason.AttestationFailed);
});

t.test("versions without attestation are refused in their own words", async (t) => {
  t.equal(reasonOf(await create(V1_1)), ResultReason.PermissionDenied);
});
