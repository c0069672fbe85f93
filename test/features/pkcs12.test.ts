import { createPrivateKey, X509Certificate } from "node:crypto";
import t from "tap";
import { createCertificateAuthority, issueClientCertificate } from "#certs/certificates.js";
import { writePkcs12 } from "#certs/pkcs12.js";
import { readPkcs12 } from "#certs/pkcs12-reading.js";
import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import {
  CertificateType,
  KeyFormatType,
  LinkType,
  ObjectType,
  Operation,
  ResultReason,
  SecretDataType,
} from "#protocol/enums/index.js";
import type { KeyBlock } from "#protocol/structures/key-block.js";
import { type ProtocolVersion, V1_2, V1_4, V2_1 } from "#protocol/versions.js";
import { actionsOf, instance, requested } from "#test/support/kmip-actions.js";
import { ask, askFor, named } from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";

const server = await startTestServer();
const client = await connectTo(server);
t.teardown(async () => {
  await client.close();
  await server.stop();
});

const { act, values, value } = actionsOf(client, V2_1);
const { PKCS_12 } = KeyFormatType;

const ca = await createCertificateAuthority({ commonName: "Above", validityDays: 30 });
const issued = await issueClientCertificate({ ca, commonName: "Own", validityDays: 10 });
const privateKey = createPrivateKey(issued.privateKeyPem).export({ type: "pkcs8", format: "der" });
const certificates = [issued.certificatePem, ca.certificatePem].map((pem) => new X509Certificate(pem).raw);

type Made = { uniqueIdentifier: string };

async function register(payload: object): Promise<string> {
  return (await act<Made>(Operation.Register, undefined, payload)).uniqueIdentifier;
}

function linkTo(linkType: number, identifier: string): AttributeInstance {
  return instance(attributes.link, { linkType, linkedObjectIdentifier: { kind: "identifier", identifier } });
}

function passwordOf(text: string, secretDataType: number, ...list: readonly AttributeInstance[]): Promise<string> {
  const keyBlock = { keyFormatType: KeyFormatType.Opaque, keyValue: { keyMaterial: Buffer.from(text) } };
  const secretData = { secretDataType, keyBlock };
  return register({ objectType: ObjectType.SecretData, attributes: requested(...list), secretData });
}

const active = instance(attributes.activationDate, Math.floor(Date.now() / 1000) - 60);
const password = await passwordOf("password", SecretDataType.Password, active);

function certificate(certificateValue: Buffer, ...list: readonly AttributeInstance[]): Promise<string> {
  const fields = { certificateType: CertificateType.X_509, certificateValue };
  return register({ objectType: ObjectType.Certificate, attributes: requested(...list), certificate: fields });
}

function keyIn(keyFormatType: number, keyValue: KeyBlock["keyValue"], ...list: readonly AttributeInstance[]): object {
  const keyBlock = { keyFormatType, keyValue };
  return { objectType: ObjectType.PrivateKey, attributes: requested(...list), privateKey: { keyBlock } };
}

function key(...list: readonly AttributeInstance[]): Promise<string> {
  return register(keyIn(KeyFormatType.PKCS_8, { keyMaterial: privateKey }, ...list));
}

async function given(id: string, more: object = {}, version: ProtocolVersion = V2_1): Promise<KeyBlock> {
  const payload = { uniqueIdentifier: named(id), ...more };
  const got = await askFor<{ privateKey: { keyBlock: KeyBlock } }>(client, version, Operation.Get, payload);
  return got.privateKey.keyBlock;
}

function container({ keyValue }: KeyBlock): Buffer {
  if (Buffer.isBuffer(keyValue)) return keyValue;
  throw new TypeError("the container is the Key Value itself");
}

t.test("a private key is given in PKCS#12 with the chain that its links tell, under the password", async (t) => {
  const above = await certificate(certificates[1] ?? Buffer.alloc(0));
  const own = await certificate(certificates[0] ?? Buffer.alloc(0), linkTo(LinkType.PKCS_12CertificateLink, above));
  const links = [linkTo(LinkType.PKCS_12PasswordLink, password), linkTo(LinkType.PKCS_12CertificateLink, own)];
  const id = await key(...links, instance(attributes.pkcs12FriendlyName, "my key"));
  for (const version of [V1_4, V2_1]) {
    const block = await given(id, { keyFormatType: PKCS_12 }, version);
    t.equal(block.keyFormatType, PKCS_12);
    t.same(await readPkcs12(container(block), "password"), { privateKey, certificates, friendlyName: "my key" });
  }
});

t.test("a certificate is given in PKCS#12 with those above it since 2.0", async (t) => {
  const above = await certificate(certificates[1] ?? Buffer.alloc(0));
  const links = [linkTo(LinkType.CertificateLink, above), linkTo(LinkType.PKCS_12PasswordLink, password)];
  const own = await certificate(certificates[0] ?? Buffer.alloc(0), ...links);
  const payload = { uniqueIdentifier: named(own), keyFormatType: PKCS_12 };
  const got = await act<{ certificate: { certificateValue: Buffer } }>(Operation.Get, own, payload);
  const content = await readPkcs12(got.certificate.certificateValue, "password");
  t.same(content, { privateKey: undefined, certificates, friendlyName: undefined });
  const earlier = await ask(client, V1_4, { operation: Operation.Get, payload });
  t.equal(earlier.reason, ResultReason.KeyFormatTypeNotSupported);
});

t.test("a container that a client registers becomes a key and its certificates, and is given back", async (t) => {
  const bytes = await writePkcs12({ privateKey, certificates, friendlyName: "their key" }, "password");
  for (const keyValue of [bytes, { keyMaterial: bytes }]) {
    const id = await register(keyIn(PKCS_12, keyValue, linkTo(LinkType.PKCS_12PasswordLink, password)));
    t.equal(await value(id, attributes.pkcs12FriendlyName), "their key");
    t.equal((await values(id, attributes.link)).length, 2);
    const content = await readPkcs12(container(await given(id)), "password");
    t.same(content, { privateKey, certificates, friendlyName: "their key" });
    const plain = await given(id, { keyFormatType: KeyFormatType.PKCS_8 });
    t.match(plain.keyValue, { keyMaterial: privateKey });
    t.equal((await given(id, {}, V1_2)).keyFormatType, KeyFormatType.ECPrivateKey);
  }
});

async function refusal(operation: number, payload: object, version: ProtocolVersion = V2_1) {
  return (await ask(client, version, { operation, payload })).reason;
}

t.test("without one active password there is no container", async (t) => {
  const inactive = await passwordOf("password", SecretDataType.Password);
  const seed = await passwordOf("password", SecretDataType.Seed, active);
  const link = (id: string): AttributeInstance => linkTo(LinkType.PKCS_12PasswordLink, id);
  const keys = [await key(), await key(link(inactive)), await key(link(seed)), await key(link(password), link(seed))];
  for (const id of keys) {
    const payload = { uniqueIdentifier: named(id), keyFormatType: PKCS_12 };
    t.equal(await refusal(Operation.Get, payload), ResultReason.BadPassword);
    t.equal(await refusal(Operation.Get, payload, V1_4), ResultReason.InvalidField);
  }
  const bytes = await writePkcs12({ privateKey, certificates, friendlyName: undefined }, "another password");
  t.equal(await refusal(Operation.Register, keyIn(PKCS_12, bytes)), ResultReason.BadPassword);
  t.equal(await refusal(Operation.Register, keyIn(PKCS_12, bytes, link(password))), ResultReason.InvalidField);
});

t.test("more than one chain, and links to what is no certificate, are refused", async (t) => {
  const [one, other] = [
    await certificate(certificates[0] ?? privateKey),
    await certificate(certificates[1] ?? privateKey),
  ];
  const withPassword = linkTo(LinkType.PKCS_12PasswordLink, password);
  const chain = (id: string): AttributeInstance => linkTo(LinkType.PKCS_12CertificateLink, id);
  for (const id of [await key(withPassword, chain(one), chain(other)), await key(withPassword, chain(password))]) {
    const payload = { uniqueIdentifier: named(id), keyFormatType: PKCS_12 };
    t.equal(await refusal(Operation.Get, payload), ResultReason.KeyFormatTypeNotSupported);
  }
});
