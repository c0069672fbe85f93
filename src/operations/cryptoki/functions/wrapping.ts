import {
  CryptographicAlgorithm,
  CryptographicUsageMask,
  EncodingOption,
  KeyFormatType,
  ObjectType,
  WrappingMethod,
} from "#protocol/enums/index.js";
import type { GetRequest, GetResponse } from "#protocol/payloads/get.js";
import { chooseWrap } from "#src/crypto/mechanisms/wraps.js";
import type { ImportRequest, KeyType, StoredKey } from "#src/crypto/port.js";
import type { UsableKey } from "#src/crypto/usable-key.js";
import { newObject } from "#src/objects/new-object.js";
import { isConfined } from "#src/objects/protection.js";
import { newIdentifier } from "#storage/identifiers.js";
import type { OperationContext } from "../../contract/context.js";
import type { Operation } from "../../contract/operation.js";
import { keyOf } from "../../cryptography/key.js";
import { get } from "../../get.js";
import { givenObject } from "../../giving/given-object.js";
import { acceptRequested } from "../../making/requested.js";
import { register } from "../../register.js";
import type { Call } from "../call.js";
import { KeyKind, ObjectClass } from "../constants.js";
import { type Mechanism, readMechanism } from "../mechanisms.js";
import { type Answer, ok, Refusal } from "../outcome.js";
import { ParameterWriter } from "../parameters.js";
import { isToStay, place } from "../placing.js";
import { checkTemplate, requestedAttributes } from "../requested-attributes.js";
import { readTemplate, type Template } from "../templates.js";
import { named } from "./parts.js";

/** C_WrapKey: KMIP's Get with a Key Wrapping Specification, so that the same keys leave by either way. */
export async function wrapKey(call: Call): Promise<Answer> {
  call.session();
  const { parameters } = readMechanism(call.input, "wrap");
  const wrappingId = call.object("WRAPPING_KEY_HANDLE_INVALID");
  const id = call.object("KEY_HANDLE_INVALID");
  const room = call.input.room();
  call.input.end();
  const object = await call.find(id);
  const keyFormatType = object?.objectType === ObjectType.PrivateKey ? KeyFormatType.PKCS_8 : undefined;
  const answer = await call.perform<GetResponse>(
    wrapping,
    {
      uniqueIdentifier: named(id),
      keyFormatType,
      keyWrappingSpecification: {
        wrappingMethod: WrappingMethod.Encrypt,
        encryptionKeyInformation: { uniqueIdentifier: wrappingId, cryptographicParameters: parameters },
        attributeNames: [],
        encodingOption: EncodingOption.NoEncoding,
      },
    },
    id,
    wrappingId,
  );
  const output = wrappedBytes(answer);
  const fits = room.wanted && room.length >= output.length;
  const written = new ParameterWriter().boolean(fits).length(output.length);
  if (fits) written.bytes(output);
  return { returnCode: room.wanted && !fits ? "BUFFER_TOO_SMALL" : "OK", output: written.done() };
}

/** Get, but with the mechanism that the caller names, be it among the Cryptographic Parameters of the key or not. */
const wrapping: Operation = {
  ...get,
  run: async (context, request) => {
    const { target } = context;
    const asked = { ...(request as GetRequest), anyParameters: true };
    return {
      objectType: target.objectType,
      uniqueIdentifier: target.id,
      ...(await givenObject(context, target, asked)),
    };
  },
};

function wrappedBytes({ symmetricKey, privateKey }: GetResponse): Buffer {
  const keyValue = (symmetricKey ?? privateKey)?.keyBlock.keyValue;
  const material = keyValue === undefined || Buffer.isBuffer(keyValue) ? keyValue : keyValue.keyMaterial;
  if (!Buffer.isBuffer(material)) throw new Refusal("KEY_NOT_WRAPPABLE");
  return material;
}

/** What an unwrapped secret key becomes, by CK_KEY_TYPE; with the bits that count for a byte of it. */
const secrets: ReadonlyMap<number, { readonly keyType: KeyType; readonly algorithm: number; readonly bits: number }> =
  new Map([
    [KeyKind.aes, { keyType: "aes", algorithm: CryptographicAlgorithm.AES, bits: 8 }],
    [KeyKind.des3, { keyType: "des3", algorithm: CryptographicAlgorithm.DES3, bits: 7 }],
    [KeyKind.generic, { keyType: "generic", algorithm: CryptographicAlgorithm.HMAC_SHA256, bits: 8 }],
  ]);

interface Wanted {
  readonly keyType: KeyType;
  readonly algorithm: number;
  readonly bits: number;
  /** Length of the key in bytes. */
  readonly length: number;
}

/**
 * C_UnwrapKey: a secret key goes from its wrapping into the custody of the tenant without being seen. Its length is that
 * of the template, or what RFC 3394 adds to it tells.
 */
export async function unwrapKey(call: Call): Promise<Answer> {
  const session = call.session();
  const mechanism = readMechanism(call.input, "unwrap");
  const unwrappingId = call.object("UNWRAPPING_KEY_HANDLE_INVALID");
  const wrapped = Buffer.from(call.input.counted());
  const template = readTemplate(call.input);
  call.input.end();
  checkTemplate(template, ObjectClass.secretKey, ["VALUE_LEN"]);
  const kind = secrets.get(template.number("KEY_TYPE") ?? -1);
  const told = mechanism.type === aesKeyWrap ? wrapped.length - 8 : undefined;
  const length = template.number("VALUE_LEN") ?? told;
  if (kind === undefined || length === undefined) throw new Refusal("TEMPLATE_INCOMPLETE");
  const stays = isToStay(call, session, template);
  const unwrap = unwrapping(mechanism, wrapped, template, { ...kind, length });
  const { id } = await call.perform<{ id: string }>(unwrap, { uniqueIdentifier: named(unwrappingId) }, unwrappingId);
  return ok(new ParameterWriter().ulong(place(call, session, id, stays)).done());
}

/** CKM_AES_KEY_WRAP, whose output is 8 bytes longer than the key. */
const aesKeyWrap = 0x2109;

/** Unwrapping as an operation on the unwrapping key, with Register's permission and the checks of its use. */
function unwrapping(mechanism: Mechanism, wrapped: Buffer, template: Template, wanted: Wanted): Operation {
  return {
    ...register,
    target: {
      naming: (request) => (request as { uniqueIdentifier: ReturnType<typeof named> }).uniqueIdentifier,
      objectTypes: new Set([ObjectType.SymmetricKey, ObjectType.PrivateKey]),
      use: { kind: "process", mask: CryptographicUsageMask.UnwrapKey },
    },
    run: (context) => takeIn(context, mechanism, wrapped, template, wanted),
  };
}

async function takeIn(
  context: OperationContext,
  { parameters }: Mechanism,
  wrapped: Buffer,
  template: Template,
  { keyType, algorithm, bits, length }: Wanted,
): Promise<{ id: string }> {
  const unwrappingKey = keyOf(context.target);
  const objectType = ObjectType.SymmetricKey;
  const id = newIdentifier();
  const custody = context.keys.custodyFor({ highProtection: false });
  const specification = chooseWrap(unwrappingKey, parameters);
  const requested = acceptRequested(context, objectType, requestedAttributes(context, template, ObjectClass.secretKey));
  const taken = { objectId: id, keyClass: "secret", keyType, custody, confined: isConfined(requested) } as const;
  const stored =
    specification.name === "rsa-pkcs1"
      ? await takeOpened(context, unwrappingKey, { wrapped, length }, taken)
      : await context.cryptography.countingFailures(unwrappingKey, () =>
          context.keys.unwrapKey(wrapped, unwrappingKey.reference, specification, taken),
        );
  if (custody === "wrapped" && !isOfLength(stored.material, length)) throw new Refusal("WRAPPED_KEY_INVALID");
  const object = newObject({
    tenantId: context.tenantId,
    id,
    objectType,
    now: context.now,
    requested,
    material: {
      form: "secret",
      custody,
      keyType,
      blob: stored.material,
      keyEncryptionKeyVersion: stored.keyEncryptionKeyVersion,
      keyFormatType: KeyFormatType.Raw,
    },
    digest: stored.digest,
    digestFormat: KeyFormatType.Raw,
    algorithm,
    length: length * bits,
  });
  context.changes.insert(object);
  return { id };
}

/**
 * A key that comes with PKCS#1 v1.5 padding: one with wrong padding, or of another length than the template says, becomes a
 * key that nobody knows. It is outside the token until it is sealed, so that a confined one is refused. Throws Refusal.
 */
async function takeOpened(
  { cryptography, keys }: OperationContext,
  unwrappingKey: UsableKey,
  { wrapped, length }: { readonly wrapped: Buffer; readonly length: number },
  request: Omit<ImportRequest, "tokenId" | "value">,
): Promise<StoredKey> {
  if (request.confined === true) throw new Refusal("TEMPLATE_INCONSISTENT");
  const cipher = { specification: { name: "rsa-pkcs1" }, framing: null } as const;
  const value = await cryptography.decrypt(unwrappingKey, cipher, { data: wrapped, tag: null, expected: length });
  return keys.importKey({ ...request, value });
}

/** Whether a key kept wrapped (RFC 5649: filled up to 8 bytes, and 8 more) can have a length in bytes. */
function isOfLength(blob: Buffer, length: number): boolean {
  return Math.ceil(length / 8) * 8 + 8 === blob.length - (blob.length % 8);
}
