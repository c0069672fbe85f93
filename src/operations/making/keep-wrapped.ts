import { attributes } from "#protocol/attributes/definitions.js";
import { EncodingOptionTable, isKnownIn, KeyFormatType, LinkType } from "#protocol/enums/index.js";
import { type KeyBlock, type KeyWrappingData, keyWrappingData } from "#protocol/structures/key-block.js";
import { Tag } from "#protocol/tags.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { V2_0, V2_1 } from "#protocol/versions.js";
import type { AttributeSet } from "#src/objects/attribute-set.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { OperationContext } from "../contract/context.js";
import { sha256 } from "./digests.js";
import type { Around, Keeping, Kept } from "./keep.js";
import { keepBytes, own } from "./keep-bytes.js";

/** Whether a Key Block says that its Key Value is wrapped. A PKCS#12 container is bytes too. */
export function isWrapped({ keyFormatType, keyValue, keyWrappingData: wrapping }: KeyBlock): boolean {
  return wrapping !== undefined || (Buffer.isBuffer(keyValue) && keyFormatType !== KeyFormatType.PKCS_12);
}

/** A key that comes wrapped is kept so, with what it says of its wrapping, and given back so. */
export async function keepWrapped(
  context: OperationContext,
  keeping: Keeping,
  keyBlock: KeyBlock,
  around: Around,
): Promise<Kept> {
  const { keyValue, keyWrappingData: wrapping, keyFormatType, keyCompressionType } = keyBlock;
  // Some clients put the wrapped bytes into a Key Material of their own; they get it back so. A MAC leaves it there.
  const structured = keyValue !== undefined && !Buffer.isBuffer(keyValue);
  if (structured && (keyValue.attributes ?? []).length > 0) {
    throw new KmipError("FeatureNotSupported", "attributes beside a wrapped Key Material are not kept");
  }
  const wrapped = structured ? keyValue.keyMaterial : keyValue;
  if (wrapping === undefined || !Buffer.isBuffer(wrapped)) {
    throw new KmipError("InvalidField", "a wrapped key has Key Wrapping Data and a Key Value of bytes");
  }
  const { encodingOption } = wrapping;
  if (encodingOption !== undefined && !isKnownIn(EncodingOptionTable, encodingOption, context.version)) {
    throw new KmipError("EncodingOptionError", "there is no such Encoding Option");
  }
  const digest = sha256(wrapped);
  const bytes = await keepBytes(context, keeping, own(wrapped));
  const described = encodeItem(keyWrappingData.encode(Tag.KeyWrappingData, wrapping, { version: V2_1 }));
  const { requested } = keeping;
  const set = await linkedToWrappingKey(context, requested, wrapping);
  return {
    material: { ...bytes, keyFormatType, keyCompressionType, structured, ...around, keyWrappingData: described },
    digest,
    set,
    algorithm: keyBlock.cryptographicAlgorithm ?? requested.get(attributes.cryptographicAlgorithm),
    length: keyBlock.cryptographicLength ?? requested.get(attributes.cryptographicLength),
  };
}

/** The attributes with a link to the key that the object is wrapped with, where it is here (KMIP 2.1 §6.1.43). */
async function linkedToWrappingKey(
  { version, inventory }: OperationContext,
  requested: AttributeSet,
  { encryptionKeyInformation, macSignatureKeyInformation }: KeyWrappingData,
): Promise<AttributeSet> {
  const identifier = (encryptionKeyInformation ?? macSignatureKeyInformation)?.uniqueIdentifier;
  const isLinked = requested.values(attributes.link).some(({ linkType }) => linkType === LinkType.WrappingKeyLink);
  if (version < V2_0 || identifier === undefined || isLinked) return requested;
  if ((await inventory.find(identifier)) === undefined) return requested;
  const linkedObjectIdentifier = { kind: "identifier", identifier };
  return requested.adding(attributes.link.name, { linkType: LinkType.WrappingKeyLink, linkedObjectIdentifier });
}
