import { attributes } from "#protocol/attributes/definitions.js";
import {
  CryptographicAlgorithm,
  HashingAlgorithm,
  KeyFormatType,
  ObjectType,
  Operation,
  PaddingMethod,
  CryptographicUsageMask as Use,
} from "#protocol/enums/index.js";
import type { CryptographicParameters } from "#protocol/structures/cryptographic-parameters.js";
import { V2_1 } from "#protocol/versions.js";
import { actionsOf, instance, nameOf, requested } from "#test/support/kmip-actions.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import { known } from "./ciphertexts.js";

/** The keys of the harness as the server has them, by identifier; the names are also their labels in PKCS#11. */
export interface ServerKeys {
  readonly aes: string;
  readonly chacha: string;
  readonly mac: string;
  readonly rsa: string;
  readonly rsaPublic: string;
}

export const pkcs1: CryptographicParameters = { paddingMethod: PaddingMethod.PKCS1V1_5 };

function oaepWith(hashingAlgorithm: number): CryptographicParameters {
  return { paddingMethod: PaddingMethod.OAEP, hashingAlgorithm, maskGeneratorHashingAlgorithm: hashingAlgorithm };
}

/** OAEP as the token does it, and as it is done beside one that knows no other hash function. */
export const oaep = {
  sha1: oaepWith(HashingAlgorithm.SHA_1),
  sha256: oaepWith(HashingAlgorithm.SHA_256),
} as const;

/** Registers the keys. */
export async function registerKeys(client: KmipClient): Promise<ServerKeys> {
  const { act } = actionsOf(client, V2_1);
  const register = async (
    name: string,
    mask: number,
    { objectType, field, keyBlock }: { readonly objectType: number; readonly field: string; readonly keyBlock: object },
  ): Promise<string> => {
    const list = requested(
      nameOf(`oracles ${name}`),
      instance(attributes.cryptographicUsageMask, mask),
      instance(attributes.activationDate, 1000),
      ...(name === "rsa" ? [instance(attributes.cryptographicParameters, pkcs1)] : []),
    );
    const payload = { objectType, attributes: list, [field]: { keyBlock } };
    return (await act<{ uniqueIdentifier: string }>(Operation.Register, undefined, payload)).uniqueIdentifier;
  };
  const secret = (name: string, mask: number, keyMaterial: Buffer, cryptographicAlgorithm: number) =>
    register(name, mask, {
      objectType: ObjectType.SymmetricKey,
      field: "symmetricKey",
      keyBlock: {
        keyFormatType: KeyFormatType.Raw,
        keyValue: { keyMaterial: Buffer.from(keyMaterial) },
        cryptographicAlgorithm,
        cryptographicLength: keyMaterial.length * 8,
      },
    });
  const { AES, ChaCha20Poly1305, HMAC_SHA256 } = CryptographicAlgorithm;
  const keyMaterial = known.pair.privateKey.export({ type: "pkcs8", format: "der" });
  const publicMaterial = known.pair.publicKey.export({ type: "spki", format: "der" });
  return {
    aes: await secret("aes", Use.Encrypt | Use.Decrypt | Use.UnwrapKey, known.aes, AES),
    chacha: await secret("chacha", Use.Decrypt, known.chacha, ChaCha20Poly1305),
    mac: await secret("mac", Use.MACGenerate | Use.MACVerify, known.mac, HMAC_SHA256),
    rsa: await register("rsa", Use.Decrypt | Use.UnwrapKey | Use.Sign, {
      objectType: ObjectType.PrivateKey,
      field: "privateKey",
      keyBlock: { keyFormatType: KeyFormatType.PKCS_8, keyValue: { keyMaterial } },
    }),
    rsaPublic: await register("public", Use.Verify, {
      objectType: ObjectType.PublicKey,
      field: "publicKey",
      keyBlock: { keyFormatType: KeyFormatType.X_509, keyValue: { keyMaterial: publicMaterial } },
    }),
  };
}
