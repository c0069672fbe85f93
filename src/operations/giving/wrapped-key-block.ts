import { attributes } from "#protocol/attributes/definitions.js";
import { CryptographicUsageMask, EncodingOption, KeyFormatType, WrappingMethod } from "#protocol/enums/index.js";
import type { CryptographicParameters } from "#protocol/structures/cryptographic-parameters.js";
import { type KeyBlock, type KeyWrappingSpecification, plainKeyValue } from "#protocol/structures/key-block.js";
import { Tag } from "#protocol/tags.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { V1_3 } from "#protocol/versions.js";
import { chooseWrap } from "#src/crypto/mechanisms/wraps.js";
import type { KeyReference } from "#src/crypto/port.js";
import { materialOf, referenceOf } from "#src/inventory/key-keeper.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { isDestroyed, stateAt, useRefusal } from "#src/objects/lifecycle.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import { instancesOf, readableAttributes } from "../attributes/reading.js";
import type { OperationContext } from "../contract/context.js";
import { allocateUsageOf } from "../cryptography/usage-limits.js";
import { plainKeyBlock, type RequestedFormat } from "./key-block.js";

/**
 * The Key Block of an object, its Key Value wrapped as asked for (KMIP 2.1 §3.1, §7.18). Without encoding, a key that
 * is asked for as it is kept goes from key to wrapped key inside the token. Throws KmipError and CryptoError.
 */
export async function wrappedKeyBlock(
  context: OperationContext,
  object: ManagedObject,
  requested: RequestedFormat,
  specification: KeyWrappingSpecification,
): Promise<KeyBlock> {
  const { encryptionKeyInformation, encodingOption } = specification;
  checkMethod(specification);
  if (encryptionKeyInformation === undefined) {
    throw new KmipError("InvalidField", "Encryption Key Information is required to wrap by encryption");
  }
  const wrappingKey = await findWrappingKey(context, encryptionKeyInformation.uniqueIdentifier);
  const parameters = encryptionKeyInformation.cryptographicParameters;
  const { block, target } = await wrappable(context, object, requested, specification);
  const wrapped = await context.partition.wrapKey(
    target,
    referenceOf(wrappingKey),
    await wrapFor(wrappingKey, parameters),
  );
  allocateUsageOf(context, wrappingKey, { bytes: wrapped.length, objects: 1 });
  // Without encoding, only the Key Material is wrapped. The published cases show it as the Key Value itself in 1.1 and
  // 1.2 (TC-141-11, TC-141-12) and inside a Key Value structure later (TC-WRAP-1-14).
  const isStructure = encodingOption === EncodingOption.NoEncoding && context.version >= V1_3;
  return {
    ...block,
    keyValue: isStructure ? { keyMaterial: wrapped, attributes: [] } : wrapped,
    keyWrappingData: {
      wrappingMethod: WrappingMethod.Encrypt,
      encryptionKeyInformation: { ...encryptionKeyInformation, cryptographicParameters: parameters },
      encodingOption,
    },
  };
}

function checkMethod({ wrappingMethod, macSignatureKeyInformation }: KeyWrappingSpecification): void {
  if (wrappingMethod !== WrappingMethod.Encrypt || macSignatureKeyInformation !== undefined) {
    throw new KmipError("FeatureNotSupported", "keys are wrapped by encryption only");
  }
}

async function findWrappingKey(context: OperationContext, identifier: string): Promise<ManagedObject> {
  const key = await context.inventory.find(identifier);
  if (key === undefined) throw new KmipError("WrappingObjectNotFound", "there is no such wrapping key");
  const { now } = context;
  if (isDestroyed(stateAt(key.attributes, now))) {
    throw new KmipError("WrappingObjectDestroyed", "the wrapping key is destroyed");
  }
  if (key.attributes.get(attributes.archiveDate) !== undefined) {
    throw new KmipError("WrappingObjectArchived", "the wrapping key is archived");
  }
  const mask = key.attributes.get(attributes.cryptographicUsageMask) ?? 0;
  if ((mask & CryptographicUsageMask.WrapKey) === 0) {
    throw new KmipError("IncompatibleCryptographicUsageMask", "the key's usage mask does not allow wrapping");
  }
  const refusal = useRefusal(key.attributes, "protect", now);
  if (refusal !== undefined) throw new KmipError("WrongKeyLifecycleState", refusal);
  return key;
}

function wrapFor(key: ManagedObject, given: CryptographicParameters | undefined): ReturnType<typeof chooseWrap> {
  const { keyType } = materialOf(key);
  const algorithm = key.attributes.get(attributes.cryptographicAlgorithm);
  return chooseWrap({ keyType, algorithm }, given ?? key.attributes.get(attributes.cryptographicParameters) ?? {});
}

/** What is wrapped: the bytes of the key alone, or the TTLV of the Key Value with the attributes asked for. */
async function wrappable(
  context: OperationContext,
  object: ManagedObject,
  requested: RequestedFormat,
  { encodingOption, attributeNames }: KeyWrappingSpecification,
): Promise<{ readonly block: KeyBlock; readonly target: KeyReference }> {
  if (encodingOption === EncodingOption.NoEncoding && attributeNames.length === 0 && isKeptAsAsked(object, requested)) {
    return { block: rawBlock(object), target: referenceOf(object) };
  }
  const block = await plainKeyBlock(context, object, requested);
  const { keyValue } = block;
  if (keyValue === undefined || Buffer.isBuffer(keyValue))
    throw new TypeError("a plain Key Block has a plain Key Value");
  if (encodingOption === EncodingOption.NoEncoding) {
    if (attributeNames.length > 0) {
      throw new KmipError("EncodingOptionError", "without encoding, a wrapped Key Value carries no attributes");
    }
    if (!Buffer.isBuffer(keyValue.keyMaterial)) {
      throw new KmipError("EncodingOptionError", "a transparent Key Material is wrapped only with TTLV Encoding");
    }
    return { block, target: await temporaryKey(context, keyValue.keyMaterial) };
  }
  const set = readableAttributes(object, context.now, context.version);
  const withAttributes = { keyMaterial: keyValue.keyMaterial, attributes: instancesOf(set, attributeNames) };
  const encoded = encodeItem(plainKeyValue.encode(Tag.KeyValue, withAttributes, { version: context.version }));
  if (Buffer.isBuffer(keyValue.keyMaterial)) keyValue.keyMaterial.fill(0);
  return { block, target: await temporaryKey(context, encoded) };
}

/** Whether the raw key that is asked for is the very key in custody, which then never leaves the token in plaintext. */
function isKeptAsAsked(object: ManagedObject, { keyFormatType, keyCompressionType }: RequestedFormat): boolean {
  const { form, keyFormatType: kept } = materialOf(object);
  const format = keyFormatType ?? kept;
  return form === "secret" && format === KeyFormatType.Raw && keyCompressionType === undefined;
}

function rawBlock({ attributes: set }: ManagedObject): KeyBlock {
  return {
    keyFormatType: KeyFormatType.Raw,
    cryptographicAlgorithm: set.get(attributes.cryptographicAlgorithm),
    cryptographicLength: set.get(attributes.cryptographicLength),
  };
}

/** Bytes as a key that can be wrapped: kept nowhere but in this request. Zeroes them. */
async function temporaryKey(context: OperationContext, value: Buffer): Promise<KeyReference> {
  const objectId = `temporary ${context.request.correlationId}`;
  const stored = await context.partition.importKey({
    objectId,
    keyClass: "secret",
    keyType: "generic",
    value,
    custody: "wrapped",
  });
  const { material, keyEncryptionKeyVersion } = stored;
  return { objectId, custody: "wrapped", keyClass: "secret", keyType: "generic", material, keyEncryptionKeyVersion };
}
