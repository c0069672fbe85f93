import {
  CryptographicAlgorithm,
  CryptographicUsageMask,
  DigitalSignatureAlgorithm,
  NameType,
  Operation,
  RecommendedCurve,
} from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { V1_4 } from "#protocol/versions.js";
import { gcm } from "#test/support/kmip-actions.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import { askFor, attribute, createKeyPayload, named, requestMessageItem } from "#test/support/kmip-client-messages.js";

/** One kind of request to measure. */
export interface Workload {
  readonly name: string;
  readonly requests: readonly Buffer[];
  /** Byte sequences every success holds. */
  readonly mustContain: readonly Buffer[];
  /** The bare PKCS#11 call this operation needs, as pkcs11-process.ts names it. */
  readonly pkcs11?: "create" | "encrypt" | "sign";
}

const version = V1_4;

/** Result Status Success, as it stands in an answer. */
const success = Buffer.from("42007f05000000040000000000000000", "hex");

/** How many keys Locate looks among. */
const namedKeys = 200;

function present(tag: number): Buffer {
  const bytes = Buffer.alloc(3);
  bytes.writeUIntBE(tag, 0, 3);
  return bytes;
}

function message(operation: number, payload: unknown): Buffer {
  return encodeItem(requestMessageItem(version, [{ operation, payload }]));
}

function nameOf(name: string): { nameValue: string; nameType: number } {
  return { nameValue: name, nameType: NameType.UninterpretedTextString };
}

/** Makes an active AES-256 key; gives its Unique Identifier. */
export async function createKey(client: KmipClient, name?: string): Promise<string> {
  const made = await askFor<{ uniqueIdentifier: string }>(client, version, Operation.Create, createKeyPayload(name));
  await askFor(client, version, Operation.Activate, { uniqueIdentifier: named(made.uniqueIdentifier) });
  return made.uniqueIdentifier;
}

async function createSigningKey(client: KmipClient): Promise<string> {
  const none = { attributes: [], templates: [] };
  const use = (mask: number): unknown => ({ attributes: [attribute("Cryptographic Usage Mask", mask)], templates: [] });
  const payload = {
    commonAttributes: {
      attributes: [
        attribute("Cryptographic Algorithm", CryptographicAlgorithm.ECDSA),
        attribute("Cryptographic Length", 256),
        attribute("Cryptographic Domain Parameters", { recommendedCurve: RecommendedCurve.P_256 }),
      ],
      templates: none.templates,
    },
    privateKeyAttributes: use(CryptographicUsageMask.Sign),
    publicKeyAttributes: use(CryptographicUsageMask.Verify),
  };
  const made = await askFor<{ privateKeyUniqueIdentifier: string }>(client, version, Operation.CreateKeyPair, payload);
  await askFor(client, version, Operation.Activate, { uniqueIdentifier: named(made.privateKeyUniqueIdentifier) });
  return made.privateKeyUniqueIdentifier;
}

/** A Locate of the objects of a name. */
export function located(name: string): Buffer {
  return message(Operation.Locate, { attributes: [attribute("Name", nameOf(name))] });
}

/** A Get of a key. */
export function getRequest(id: string): Buffer {
  return message(Operation.Get, { uniqueIdentifier: named(id) });
}

/** An Encrypt with AES-GCM of so many bytes. */
export function encryptRequest(id: string, bytes: number): Buffer {
  return message(Operation.Encrypt, {
    uniqueIdentifier: named(id),
    cryptographicParameters: gcm,
    data: Buffer.alloc(bytes, 0x5a),
  });
}

/** Byte sequences that every success of an operation holds. */
export const marks = {
  create: [success, present(Tag.UniqueIdentifier)],
  get: [success, present(Tag.KeyMaterial)],
  encrypt: [success, present(Tag.AuthenticatedEncryptionTag)],
  sign: [success, present(Tag.SignatureData)],
  locate: [success, present(Tag.UniqueIdentifier)],
  discoverVersions: [success, present(Tag.ProtocolVersionMajor)],
} as const;

/** A Discover Versions. */
export function discoverVersionsRequest(): Buffer {
  return message(Operation.DiscoverVersions, { protocolVersions: [] });
}

/** Makes the keys that the requests need, and the requests. */
export async function prepareWorkloads(client: KmipClient): Promise<readonly Workload[]> {
  const key = await createKey(client);
  const signingKey = await createSigningKey(client);
  const names = Array.from({ length: namedKeys }, (_, index) => `bench-${index}`);
  for (const name of names) await createKey(client, name);
  const ecdsa = { digitalSignatureAlgorithm: DigitalSignatureAlgorithm.ECDSAWithSHA256 };
  return [
    {
      name: "Create AES-256",
      requests: [message(Operation.Create, createKeyPayload())],
      mustContain: marks.create,
      pkcs11: "create",
    },
    {
      name: "Get",
      requests: [getRequest(key)],
      mustContain: marks.get,
    },
    {
      name: "Encrypt 1 KiB GCM",
      requests: [encryptRequest(key, 1024)],
      mustContain: marks.encrypt,
      pkcs11: "encrypt",
    },
    {
      name: "Sign P-256",
      requests: [
        message(Operation.Sign, {
          uniqueIdentifier: named(signingKey),
          cryptographicParameters: ecdsa,
          data: Buffer.alloc(64, 0x5a),
        }),
      ],
      mustContain: marks.sign,
      pkcs11: "sign",
    },
    {
      name: "Locate by name",
      requests: names.map(located),
      mustContain: marks.locate,
    },
  ];
}
