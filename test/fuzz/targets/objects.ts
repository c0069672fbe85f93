import { generateKeyPairSync } from "node:crypto";
import { attributes } from "#protocol/attributes/definitions.js";
import {
  CertificateType,
  CryptographicAlgorithm,
  KeyFormatType,
  ObjectType,
  Operation,
  SecretDataType,
} from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import { type TestCertificate, testCertificate } from "#test/support/certificate-requests.js";
import { aesKey, instance, requested } from "#test/support/kmip-actions.js";
import { askFor, type Requester } from "#test/support/kmip-client-messages.js";

type Made = { readonly uniqueIdentifier: string };

const activation = instance(attributes.activationDate, 0);
const allUses = instance(attributes.cryptographicUsageMask, 0x7fffffff % 0x800000);

function registered(client: Requester, payload: object): Promise<Made> {
  return askFor<Made>(client, V2_1, Operation.Register, payload);
}

function registeredKey(
  client: Requester,
  objectType: number,
  field: "privateKey" | "publicKey" | "symmetricKey",
  block: object,
): Promise<Made> {
  const attributesAsked = requested(allUses, activation);
  return registered(client, { objectType, attributes: attributesAsked, [field]: { keyBlock: block } });
}

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
let certificate: TestCertificate | undefined;

const hmacKey = {
  keyFormatType: KeyFormatType.Raw,
  keyValue: { keyMaterial: Buffer.alloc(32, 7) },
  cryptographicAlgorithm: CryptographicAlgorithm.HMAC_SHA256,
  cryptographicLength: 256,
};

/** How an object of each kind is made; all can be used by whoever made them. */
const makers: readonly ((client: Requester) => Promise<Made>)[] = [
  (client) => askFor<Made>(client, V2_1, Operation.Create, aesKey(allUses, activation)),
  (client) => askFor<Made>(client, V2_1, Operation.Create, aesKey(allUses)),
  (client) =>
    registeredKey(client, ObjectType.PrivateKey, "privateKey", {
      keyFormatType: KeyFormatType.PKCS_8,
      keyValue: { keyMaterial: rsa.privateKey.export({ type: "pkcs8", format: "der" }) },
    }),
  (client) =>
    registeredKey(client, ObjectType.PublicKey, "publicKey", {
      keyFormatType: KeyFormatType.X_509,
      keyValue: { keyMaterial: rsa.publicKey.export({ type: "spki", format: "der" }) },
    }),
  (client) =>
    registeredKey(client, ObjectType.PrivateKey, "privateKey", {
      keyFormatType: KeyFormatType.PKCS_8,
      keyValue: { keyMaterial: ec.privateKey.export({ type: "pkcs8", format: "der" }) },
    }),
  (client) =>
    registeredKey(client, ObjectType.PublicKey, "publicKey", {
      keyFormatType: KeyFormatType.X_509,
      keyValue: { keyMaterial: ec.publicKey.export({ type: "spki", format: "der" }) },
    }),
  (client) => registeredKey(client, ObjectType.SymmetricKey, "symmetricKey", hmacKey),
  (client) =>
    registered(client, {
      objectType: ObjectType.SecretData,
      attributes: requested(allUses, activation),
      secretData: {
        secretDataType: SecretDataType.Password,
        keyBlock: { keyFormatType: KeyFormatType.Raw, keyValue: { keyMaterial: Buffer.from("a password") } },
      },
    }),
  (client) =>
    registered(client, {
      objectType: ObjectType.OpaqueObject,
      attributes: requested(),
      opaqueObject: { opaqueDataType: 0x80000001, opaqueDataValue: Buffer.from("opaque") },
    }),
  async (client) => {
    certificate ??= await testCertificate({ subject: "/CN=fuzz" });
    return registered(client, {
      objectType: ObjectType.Certificate,
      attributes: requested(),
      certificate: { certificateType: CertificateType.X_509, certificateValue: certificate.der },
    });
  },
];

/** Objects of every kind that damaged messages are about. */
export class ObjectPool {
  private readonly pool: string[] = [];
  private next = 0;

  get identifiers(): readonly string[] {
    return this.pool;
  }

  /** Makes one of each kind. */
  async fill(client: Requester): Promise<void> {
    for (let count = 0; count < makers.length; count += 1) await this.renew(client);
  }

  /** Makes the next kind anew, since messages destroy objects. */
  async renew(client: Requester): Promise<void> {
    const kind = this.next % makers.length;
    this.next += 1;
    const maker = makers[kind];
    if (maker !== undefined) this.pool[kind] = (await maker(client)).uniqueIdentifier;
  }
}
