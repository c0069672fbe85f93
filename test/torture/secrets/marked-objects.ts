import {
  createCipheriv,
  createECDH,
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
  randomUUID,
} from "node:crypto";
import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import {
  BlockCipherMode,
  CryptographicAlgorithm,
  DerivationMethod,
  EncodingOption,
  HashingAlgorithm,
  KeyFormatType,
  KeyWrapType,
  ObjectType,
  Operation,
  PaddingMethod,
  ProtectionStorageMask,
  RecommendedCurve,
  SecretDataType,
  SplitKeyMethod,
  CryptographicUsageMask as Use,
  WrappingMethod,
} from "#protocol/enums/index.js";
import { V2_1 } from "#protocol/versions.js";
import { type Actions, actionsOf, instance, requested } from "#test/support/kmip-actions.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import { named } from "#test/support/kmip-client-messages.js";
import { formsOf, formsOfNumber, formsOfPem, type Mark, type Needle } from "./forms.js";

const { AES, EC, HMAC_SHA256, RSA } = CryptographicAlgorithm;
const encrypts = Use.Encrypt | Use.Decrypt;

/** The attributes of a key that may be nowhere but in the token. */
export const confinement: readonly AttributeInstance[] = [
  instance(attributes.extractable, false),
  instance(attributes.sensitive, true),
];

type Made = { readonly uniqueIdentifier: string };

/** Registers, uses and reads back marked secrets over one connection, and collects what to look for beside the marks. */
export class MarkedObjects {
  /** Secrets that the marks do not find: those that the server made, and the numbers of key pairs. */
  readonly needles: Needle[] = [];
  private readonly actions: Actions;

  constructor(client: KmipClient) {
    this.actions = actionsOf(client, V2_1);
  }

  async register(
    objectType: number,
    mask: number,
    object: object,
    ...more: readonly AttributeInstance[]
  ): Promise<string> {
    const usage = instance(attributes.cryptographicUsageMask, mask);
    const list = requested(usage, instance(attributes.activationDate, 1000), ...more);
    const payload = { objectType, attributes: list, ...object };
    return (await this.actions.act<Made>(Operation.Register, undefined, payload)).uniqueIdentifier;
  }

  private symmetric(keyMaterial: unknown, keyFormatType: number, algorithm: number = AES, bits = 256): object {
    const block = { keyFormatType, keyValue: { keyMaterial }, cryptographicAlgorithm: algorithm };
    return { symmetricKey: { keyBlock: { ...block, cryptographicLength: bits } } };
  }

  /** Keys that may leave the token, secret data, opaque objects and parts of split keys, registered and read back. */
  async registerOpen(mark: Mark): Promise<void> {
    const { act } = this.actions;
    const raw = { keyFormatType: KeyFormatType.Raw };
    const split = { splitKeyParts: 3, keyPartIdentifier: 1, splitKeyThreshold: 2, splitKeyMethod: SplitKeyMethod.XOR };
    const sized = { cryptographicAlgorithm: AES, cryptographicLength: 256 };
    const objects: readonly (readonly [number, number, object])[] = [
      [ObjectType.SymmetricKey, encrypts, this.symmetric(mark.secret(32), KeyFormatType.Raw)],
      [
        ObjectType.SymmetricKey,
        encrypts,
        this.symmetric({ key: mark.secret(32) }, KeyFormatType.TransparentSymmetricKey),
      ],
      [
        ObjectType.SecretData,
        Use.Verify,
        {
          secretData: {
            secretDataType: SecretDataType.Password,
            keyBlock: { ...raw, keyValue: { keyMaterial: Buffer.from(mark.text) } },
          },
        },
      ],
      [ObjectType.OpaqueObject, 0, { opaqueObject: { opaqueDataType: 0x80000001, opaqueDataValue: mark.secret(40) } }],
      [
        ObjectType.SplitKey,
        encrypts,
        { splitKey: { ...split, keyBlock: { ...raw, ...sized, keyValue: { keyMaterial: mark.secret(32) } } } },
      ],
    ];
    for (const [objectType, mask, object] of objects) {
      await act(Operation.Get, await this.register(objectType, mask, object));
    }
  }

  /** Private keys in their formats; the scalar of the EC key is marked, the numbers of the RSA key are looked for. */
  async registerPrivate(mark: Mark): Promise<void> {
    const scalar = mark.secret(32);
    scalar[0] = 0x11;
    this.needles.push(...formsOf("EC scalar", scalar.subarray(0, 16)), ...formsOfNumber("EC scalar", scalar));
    const ecKey = ecPrivateKey(scalar);
    const transparent = { recommendedCurve: RecommendedCurve.P_256, d: BigInt(`0x${scalar.toString("hex")}`) };
    const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const jwk = pair.privateKey.export({ format: "jwk" });
    for (const name of ["d", "p", "q"] as const) {
      const number = Buffer.from(jwk[name] ?? "", "base64url");
      this.needles.push(...formsOf(`RSA ${name}`, number.subarray(0, 16)), ...formsOfNumber(`RSA ${name}`, number));
    }
    const number = (name: "n" | "e" | "d" | "p" | "q") =>
      BigInt(`0x${Buffer.from(jwk[name] ?? "", "base64url").toString("hex")}`);
    const transparentRsa = {
      modulus: number("n"),
      publicExponent: number("e"),
      privateExponent: number("d"),
      p: number("p"),
      q: number("q"),
    };
    for (const key of [ecKey, pair.privateKey]) {
      this.needles.push(...formsOfPem("private key", key.export({ format: "pem", type: "pkcs8" }).toString()));
    }
    const rows: readonly (readonly [number, number, number, unknown])[] = [
      [EC, 256, KeyFormatType.PKCS_8, ecKey.export({ format: "der", type: "pkcs8" })],
      [EC, 256, KeyFormatType.ECPrivateKey, ecKey.export({ format: "der", type: "sec1" })],
      [EC, 256, KeyFormatType.TransparentECPrivateKey, transparent],
      [RSA, 2048, KeyFormatType.PKCS_8, pair.privateKey.export({ format: "der", type: "pkcs8" })],
      [RSA, 2048, KeyFormatType.PKCS_1, pair.privateKey.export({ format: "der", type: "pkcs1" })],
      [RSA, 2048, KeyFormatType.TransparentRSAPrivateKey, transparentRsa],
    ];
    for (const [cryptographicAlgorithm, cryptographicLength, keyFormatType, keyMaterial] of rows) {
      const keyBlock = { keyFormatType, keyValue: { keyMaterial }, cryptographicAlgorithm, cryptographicLength };
      const id = await this.register(ObjectType.PrivateKey, Use.Sign, { privateKey: { keyBlock } });
      await this.actions.act(Operation.Get, id);
    }
  }

  /** Keys that the server makes, derives, splits and unwraps; they are read back to know what to look for. */
  async make(mark: Mark): Promise<void> {
    const { act, create } = this.actions;
    const made = await create();
    this.needles.push(...formsOf("a key that was made", (await this.value(made)).subarray(0, 16)));
    const base = await this.register(
      ObjectType.SymmetricKey,
      Use.DeriveKey,
      this.symmetric(mark.secret(32), KeyFormatType.Raw, HMAC_SHA256),
    );
    const derived = await act<Made>(Operation.DeriveKey, undefined, {
      objectType: ObjectType.SymmetricKey,
      uniqueIdentifiers: [named(base)],
      derivationMethod: DerivationMethod.HMAC,
      derivationParameters: {
        cryptographicParameters: { hashingAlgorithm: HashingAlgorithm.SHA_256 },
        derivationData: [randomBytes(16)],
      },
      attributes: requested(
        instance(attributes.cryptographicAlgorithm, AES),
        instance(attributes.cryptographicLength, 256),
        instance(attributes.cryptographicUsageMask, encrypts),
      ),
    });
    this.needles.push(...formsOf("a derived key", (await this.value(derived.uniqueIdentifier)).subarray(0, 16)));
    await this.importWrapped(mark);
    const data = mark.secret(200);
    const cryptographicParameters = { blockCipherMode: BlockCipherMode.CBC, paddingMethod: PaddingMethod.PKCS5 };
    const active = await create(instance(attributes.activationDate, 1000));
    await act(Operation.Encrypt, active, { cryptographicParameters, data, ivCounterNonce: randomBytes(16) });
  }

  private async importWrapped(mark: Mark): Promise<void> {
    const wrappingSecret = mark.secret(32);
    const kek = await this.register(
      ObjectType.SymmetricKey,
      Use.UnwrapKey,
      this.symmetric(Buffer.from(wrappingSecret), KeyFormatType.Raw),
    );
    const cipher = createCipheriv("id-aes256-wrap", wrappingSecret, Buffer.alloc(8, 0xa6));
    const keyValue = Buffer.concat([cipher.update(mark.secret(32)), cipher.final()]);
    const cryptographicParameters = { blockCipherMode: BlockCipherMode.NISTKeyWrap };
    await this.actions.act(Operation.Import, undefined, {
      uniqueIdentifier: randomUUID(),
      objectType: ObjectType.SymmetricKey,
      keyWrapType: KeyWrapType.NotWrapped,
      attributes: [instance(attributes.cryptographicUsageMask, encrypts)],
      symmetricKey: {
        keyBlock: {
          keyFormatType: KeyFormatType.Raw,
          keyValue,
          cryptographicAlgorithm: AES,
          cryptographicLength: 256,
          keyWrappingData: {
            wrappingMethod: WrappingMethod.Encrypt,
            encodingOption: EncodingOption.NoEncoding,
            encryptionKeyInformation: { uniqueIdentifier: kek, cryptographicParameters },
          },
        },
      },
    });
  }

  private async value(id: string): Promise<Buffer> {
    const got = await this.actions.act<{ symmetricKey: { keyBlock: { keyValue: { keyMaterial: Buffer } } } }>(
      Operation.Get,
      id,
    );
    return got.symmetricKey.keyBlock.keyValue.keyMaterial;
  }

  /** Keys that may not leave the token, and keys that live in it, registered and used. */
  async registerConfined(mark: Mark): Promise<void> {
    const { act } = this.actions;
    const inToken = { protectionStorageMasks: { protectionStorageMask: [ProtectionStorageMask.Hardware] } };
    const aes = (more: object) => ({ ...this.symmetric(mark.secret(32), KeyFormatType.Raw), ...more });
    const cryptographicParameters = { blockCipherMode: BlockCipherMode.CBC, paddingMethod: PaddingMethod.PKCS5 };
    for (const [more, list] of [
      [{}, confinement],
      [inToken, []],
      [inToken, confinement],
    ] as const) {
      const id = await this.register(ObjectType.SymmetricKey, encrypts, aes(more), ...list);
      await act(Operation.Encrypt, id, {
        cryptographicParameters,
        data: randomBytes(64),
        ivCounterNonce: randomBytes(16),
      });
    }
    const macKey = this.symmetric(mark.secret(20), KeyFormatType.Raw, HMAC_SHA256, 160);
    const mac = await this.register(ObjectType.SymmetricKey, Use.MACGenerate, macKey, ...confinement);
    await act(Operation.MAC, mac, {
      cryptographicParameters: { cryptographicAlgorithm: HMAC_SHA256 },
      data: randomBytes(64),
    });
    const keyMaterial = ecPrivateKey(lowered(mark.secret(32))).export({ format: "der", type: "pkcs8" });
    const keyBlock = {
      keyFormatType: KeyFormatType.PKCS_8,
      keyValue: { keyMaterial },
      cryptographicAlgorithm: EC,
      cryptographicLength: 256,
    };
    const ec = await this.register(ObjectType.PrivateKey, Use.Sign, { privateKey: { keyBlock } }, ...confinement);
    await act(Operation.Sign, ec, {
      cryptographicParameters: { hashingAlgorithm: HashingAlgorithm.SHA_256 },
      data: randomBytes(64),
    });
  }

  /** Work of others, which takes up memory that was given back. */
  async otherWork(rounds: number): Promise<void> {
    const key = await this.actions.create(instance(attributes.activationDate, 1000));
    const cryptographicParameters = { blockCipherMode: BlockCipherMode.CBC, paddingMethod: PaddingMethod.PKCS5 };
    for (let round = 0; round < rounds; round += 1) {
      const data = randomBytes(round % 3 === 0 ? 40_000 : 300);
      await this.actions.act(Operation.Encrypt, key, {
        cryptographicParameters,
        data,
        ivCounterNonce: randomBytes(16),
      });
    }
  }
}

/** A scalar below the order of P-256 with the mark in it: only a mark of all ones would be above. */
function lowered(scalar: Buffer): Buffer {
  return scalar[0] === 0xff ? Buffer.concat([Buffer.from([0x7f]), scalar.subarray(1)]) : scalar;
}

/** The P-256 key of a scalar. */
function ecPrivateKey(scalar: Buffer) {
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(scalar);
  const point = ecdh.getPublicKey();
  const part = (from: number, to: number) => point.subarray(from, to).toString("base64url");
  const jwk = { kty: "EC", crv: "P-256", d: scalar.toString("base64url"), x: part(1, 33), y: part(33, 65) };
  return createPrivateKey({ key: jwk, format: "jwk" });
}
