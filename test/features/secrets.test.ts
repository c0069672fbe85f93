import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import {
  CryptographicAlgorithm,
  CryptographicUsageMask,
  KeyFormatType,
  ObjectType,
  Operation,
  ResultStatus,
  SecretDataType,
} from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { ItemType } from "#protocol/ttlv/item.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { V1_4 } from "#protocol/versions.js";
import {
  type Answered,
  ask,
  askFor,
  named,
  requestMessageItem,
  structureItem,
} from "#test/support/kmip-client-messages.js";
import { connectTo, startTestServer } from "#test/support/server.js";

t.setTimeout(120_000);

/** Bytes that nothing else holds, and that can be found in any form. */
const keyMark = Buffer.from("MARKED-KEY-BYTES-0123456789abcde");
const secretMark = Buffer.from("MARKED-PASSWORD-correct-horse");
const dataMark = Buffer.from("MARKED-PLAINTEXT-attack-at-dawn!");
const credentialMark = "MARKED-CREDENTIAL-hunter2";

const marks: readonly Buffer[] = [keyMark, secretMark, dataMark, Buffer.from(credentialMark)];

/** Every form in which a marked value could stand in a text: as it is, in hexadecimal, in base 64 at any offset. */
function formsOf(mark: Buffer): readonly string[] {
  const base64 = [0, 1, 2].map((offset) =>
    Buffer.concat([Buffer.alloc(offset), mark])
      .toString("base64")
      .slice(4, -4),
  );
  const bytes = JSON.stringify([...mark]).slice(1, -1);
  return [mark.toString("latin1"), mark.toString("hex"), mark.toString("hex").toUpperCase(), bytes, ...base64];
}

function marksIn(text: string): readonly string[] {
  return marks.filter((mark) => formsOf(mark).some((form) => text.includes(form))).map((mark) => mark.toString());
}

/** The text of every file below a folder, byte by byte. */
function filesBelow(folder: string): readonly (readonly [path: string, text: string])[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [path, readFileSync(path, "latin1")]);
}

t.test("the marks are found in every form, so that the search can fail", async (t) => {
  for (const form of formsOf(keyMark)) t.equal(marksIn(`before ${form} after`).length, 1, form.slice(0, 20));
});

t.test("no secret a client sent or got stands in the log, the audit, an error or a file", async (t) => {
  const server = await startTestServer({ environment: { KEYREEVE_LOG_LEVEL: "trace" } });
  t.teardown(() => server.stop());
  const client = await connectTo(server);
  const failures: Answered[] = [];
  const fail = async (operation: number, payload: unknown): Promise<void> => {
    const answered = await ask(client, V1_4, { operation, payload });
    t.equal(answered.status, ResultStatus.OperationFailed, "it fails, as it is meant to");
    failures.push(answered);
  };

  const { uniqueIdentifier } = await askFor<{ uniqueIdentifier: string }>(
    client,
    V1_4,
    Operation.Register,
    registerTree(),
  );
  const key = named(uniqueIdentifier);
  await askFor(client, V1_4, Operation.Get, { uniqueIdentifier: key });
  await fail(Operation.Encrypt, { uniqueIdentifier: key, data: dataMark });
  await askFor(client, V1_4, Operation.Activate, { uniqueIdentifier: key });
  const cbc = { blockCipherMode: 1, paddingMethod: 3 };
  await askFor(client, V1_4, Operation.Encrypt, {
    uniqueIdentifier: key,
    cryptographicParameters: { ...cbc, randomIV: true },
    data: dataMark,
  });
  await fail(Operation.Decrypt, { uniqueIdentifier: key, cryptographicParameters: cbc, data: dataMark });
  await askFor(client, V1_4, Operation.Register, secretTree());
  await fail(Operation.Register, registerTree(128));
  await client.exchange(encodeItem(withCredential()));
  const damaged = encodeItem(requestMessageItem(V1_4, [{ operation: Operation.Register, payload: secretTree() }]));
  damaged[damaged.indexOf(secretMark) - 5] = 0x0b;
  await client.exchange(damaged);
  await client.close();

  t.strictSame(marksIn(server.output()), [], "the log at its most talkative");
  t.strictSame(marksIn(await server.administration.exportAudit()), [], "the audit");
  t.strictSame(marksIn(failures.map(({ message }) => message).join("\n")), [], "the failures told to the client");
  const wrong = filesBelow(server.home).filter(([, text]) => marksIn(text).length > 0);
  t.strictSame(
    wrong.map(([path]) => path),
    [],
    "the files of the data directory",
  );
});

const bytes = (tag: number, value: Buffer) => ({ tag, type: ItemType.ByteString, value }) as const;
const choice = (tag: number, value: number) => ({ tag, type: ItemType.Enumeration, value }) as const;
const number = (tag: number, value: number) => ({ tag, type: ItemType.Integer, value }) as const;
const text = (tag: number, value: string) => ({ tag, type: ItemType.TextString, value }) as const;

function template(mask: number) {
  return structureItem(
    Tag.TemplateAttribute,
    structureItem(Tag.Attribute, text(Tag.AttributeName, "Cryptographic Usage Mask"), number(Tag.AttributeValue, mask)),
  );
}

/** Register of the marked key; a length that is not its own makes it fail. */
function registerTree(length = 256) {
  return structureItem(
    Tag.RequestPayload,
    choice(Tag.ObjectType, ObjectType.SymmetricKey),
    template(CryptographicUsageMask.Encrypt + CryptographicUsageMask.Decrypt),
    structureItem(
      Tag.SymmetricKey,
      structureItem(
        Tag.KeyBlock,
        choice(Tag.KeyFormatType, KeyFormatType.Raw),
        structureItem(Tag.KeyValue, bytes(Tag.KeyMaterial, keyMark)),
        choice(Tag.CryptographicAlgorithm, CryptographicAlgorithm.AES),
        number(Tag.CryptographicLength, length),
      ),
    ),
  );
}

function secretTree() {
  return structureItem(
    Tag.RequestPayload,
    choice(Tag.ObjectType, ObjectType.SecretData),
    template(CryptographicUsageMask.Verify),
    structureItem(
      Tag.SecretData,
      choice(Tag.SecretDataType, SecretDataType.Password),
      structureItem(
        Tag.KeyBlock,
        choice(Tag.KeyFormatType, KeyFormatType.Opaque),
        structureItem(Tag.KeyValue, bytes(Tag.KeyMaterial, secretMark)),
      ),
    ),
  );
}

/** A request with a user name and password in its header. */
function withCredential() {
  const credential = structureItem(
    Tag.Credential,
    choice(Tag.CredentialType, 1),
    structureItem(Tag.CredentialValue, text(Tag.Username, "user"), text(Tag.Password, credentialMark)),
  );
  const header = structureItem(Tag.Authentication, credential);
  return requestMessageItem(V1_4, [{ operation: Operation.DiscoverVersions, payload: {} }], [header]);
}
