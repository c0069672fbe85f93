import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import {
  BlockCipherMode,
  CryptographicAlgorithm,
  CryptographicUsageMask,
  DigitalSignatureAlgorithm,
  KeyFormatType,
  ObjectType,
  PaddingMethod,
  RevocationReasonCode,
  ValidityIndicator,
} from "#protocol/enums/index.js";
import type { ObjectNaming } from "#protocol/structures/unique-identifier.js";
import { calls } from "#src/kmip-client/calls.js";
import type { KmipClient } from "#src/kmip-client/client.js";

const sha256WithRsa = { digitalSignatureAlgorithm: DigitalSignatureAlgorithm.SHA_256WithRSAEncryption };
const aesCbc = { blockCipherMode: BlockCipherMode.CBC, paddingMethod: PaddingMethod.PKCS5 };

/** The keys of a pair by their identifiers. */
export interface PairOfTenant {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** What the suite has a tenant's keys do over KMIP. */
export class TenantKeys {
  constructor(private readonly client: KmipClient) {}

  /** Makes an AES-256 key that encrypts and decrypts. */
  async makeAesKey(): Promise<string> {
    const { uniqueIdentifier } = await this.client.ask(calls.create, {
      objectType: ObjectType.SymmetricKey,
      attributes: requested(
        CryptographicAlgorithm.AES,
        256,
        CryptographicUsageMask.Encrypt | CryptographicUsageMask.Decrypt,
      ),
    });
    await this.activate(uniqueIdentifier);
    return uniqueIdentifier;
  }

  /** Makes an RSA pair that signs and verifies. */
  async makeRsaPair(): Promise<PairOfTenant> {
    const made = await this.client.ask(calls.createKeyPair, {
      commonAttributes: { attributes: [], templates: [] },
      privateKeyAttributes: requested(CryptographicAlgorithm.RSA, 2048, CryptographicUsageMask.Sign),
      publicKeyAttributes: requested(CryptographicAlgorithm.RSA, 2048, CryptographicUsageMask.Verify),
    });
    const { privateKeyUniqueIdentifier: privateKey, publicKeyUniqueIdentifier: publicKey } = made;
    await this.activate(privateKey);
    await this.activate(publicKey);
    return { privateKey, publicKey };
  }

  /** RSASSA-PKCS1-v1_5 with SHA-256. */
  async sign(id: string, data: Buffer): Promise<Buffer> {
    const request = { uniqueIdentifier: named(id), cryptographicParameters: sha256WithRsa, data: data };
    return present((await this.client.ask(calls.sign, request)).signatureData);
  }

  /** Whether a signature of that kind is valid. */
  async verifies(id: string, data: Buffer, signatureData: Buffer): Promise<boolean> {
    const naming = { uniqueIdentifier: named(id), cryptographicParameters: sha256WithRsa };
    const { validityIndicator } = await this.client.ask(calls.signatureVerify, { ...naming, data, signatureData });
    return validityIndicator === ValidityIndicator.Valid;
  }

  /** AES in CBC mode with padding as in PKCS #7. */
  async encrypt(id: string, data: Buffer, ivCounterNonce: Buffer): Promise<Buffer> {
    const naming = { uniqueIdentifier: named(id), cryptographicParameters: aesCbc };
    return present((await this.client.ask(calls.encrypt, { ...naming, data, ivCounterNonce })).data);
  }

  /** The reverse of `encrypt`. */
  async decrypt(id: string, data: Buffer, ivCounterNonce: Buffer): Promise<Buffer> {
    const naming = { uniqueIdentifier: named(id), cryptographicParameters: aesCbc };
    return present((await this.client.ask(calls.decrypt, { ...naming, data, ivCounterNonce })).data);
  }

  /** The public key as DER SubjectPublicKeyInfo. */
  async publicKey(id: string): Promise<Buffer> {
    const naming = { uniqueIdentifier: named(id), keyFormatType: KeyFormatType.X_509 };
    const keyValue = (await this.client.ask(calls.get, naming)).publicKey?.keyBlock.keyValue;
    const material = keyValue !== undefined && "keyMaterial" in keyValue ? keyValue.keyMaterial : undefined;
    return present(Buffer.isBuffer(material) ? material : undefined);
  }

  /** Asks for the key itself, which the server must refuse. */
  async get(id: string): Promise<void> {
    await this.client.ask(calls.get, { uniqueIdentifier: named(id) });
  }

  /** Ends the use of a key and destroys it. */
  async destroy(id: string): Promise<void> {
    const revocationReason = { revocationReasonCode: RevocationReasonCode.CessationOfOperation };
    await this.client.ask(calls.revoke, { uniqueIdentifier: named(id), revocationReason });
    await this.client.ask(calls.destroy, { uniqueIdentifier: named(id) });
  }

  private async activate(id: string): Promise<void> {
    await this.client.ask(calls.activate, { uniqueIdentifier: named(id) });
  }
}

const named = (identifier: string): ObjectNaming => ({ kind: "identifier", identifier });

function requested(algorithm: number, length: number, usage: number) {
  const list: readonly AttributeInstance[] = [
    { name: attributes.cryptographicAlgorithm.name, value: algorithm },
    { name: attributes.cryptographicLength.name, value: length },
    { name: attributes.cryptographicUsageMask.name, value: usage },
  ];
  return { attributes: list, templates: [] };
}

function present(value: Buffer | undefined): Buffer {
  if (value === undefined) throw new Error("the answer holds no bytes");
  return value;
}
