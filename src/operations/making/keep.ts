import { attributes } from "#protocol/attributes/definitions.js";
import { KeyFormatType, ObjectType } from "#protocol/enums/index.js";
import type { Digest } from "#protocol/structures/attribute-values.js";
import type { KeyBlock } from "#protocol/structures/key-block.js";
import type { ReadKey } from "#src/crypto/formats/key.js";
import { agreed, readKeyBlock } from "#src/crypto/formats/read-key.js";
import type { AttributeSet } from "#src/objects/attribute-set.js";
import { isOfEngine } from "#src/objects/custody.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { Material } from "#src/objects/managed-object.js";
import { isConfined } from "#src/objects/protection.js";
import { writeSplitKeyFacts } from "#src/objects/split-key-facts.js";
import { templateMaterial, withTemplateContent } from "#src/objects/template.js";
import { takeContainer } from "../containers/take-container.js";
import type { OperationContext } from "../contract/context.js";
import { reductionFor } from "../splitting/sharing-for.js";
import { readUnwrapped } from "../wrapping/unwrap.js";
import { certificateAttributes } from "./certificate.js";
import { digestsOf, sha256 } from "./digests.js";
import { keepBytes, own } from "./keep-bytes.js";
import { isWrapped, keepWrapped } from "./keep-wrapped.js";
import { secretAlgorithms } from "./key-algorithms.js";
import type { Registered } from "./registered-object.js";
import { refuseTokenStorage } from "./requested.js";

/** What an object that a client brought is kept as. */
export interface Kept {
  readonly material: Material;
  /** SHA-256 of what the client brought; null where it brought no Key Value. */
  readonly digest: Buffer | null;
  /** The format it was computed in; undefined where it is that of the material. */
  readonly digestFormat?: number | undefined;
  readonly otherDigests?: readonly Digest[] | undefined;
  /** The client's attributes with what the object itself says. */
  readonly set: AttributeSet;
  readonly algorithm?: number | undefined;
  /** Bits. */
  readonly length?: number | undefined;
}

/** An object to be kept, under the identifier it will have. */
export interface Keeping {
  readonly id: string;
  readonly objectType: number;
  readonly requested: AttributeSet;
  readonly inToken: boolean;
}

/** Takes an object into the tenant's custody. Throws KmipError and CryptoError. */
export function keep(context: OperationContext, keeping: Keeping, registered: Registered): Promise<Kept> {
  if (keeping.inToken && isPublic(keeping, registered)) throw refuseTokenStorage();
  switch (registered.kind) {
    case "certificate":
      return Promise.resolve(keepCertificate(keeping, registered));
    case "certificate-request":
      return Promise.resolve(keepCertificateRequest(keeping, registered));
    case "template":
      return Promise.resolve(keepTemplate(keeping, registered));
    case "opaque":
      return keepOpaque(context, keeping, registered);
    case "key":
      // Not before: what a conflict with another request ends is tried again from the same message.
      context.changes.afterCommit(async () => zeroMaterial(registered.keyBlock));
      return keepKeyBlock(context, keeping, registered);
  }
}

/** Zeroes the bytes of a key where the message has them: once the key is in custody, nobody needs them any more. */
function zeroMaterial({ keyValue }: KeyBlock): void {
  const material = keyValue === undefined || Buffer.isBuffer(keyValue) ? keyValue : keyValue.keyMaterial;
  if (Buffer.isBuffer(material)) material.fill(0);
}

/** Whether an object is no secret, which rests in the database. */
function isPublic({ objectType }: Keeping, { kind }: Registered): boolean {
  return kind === "certificate" || kind === "certificate-request" || objectType === ObjectType.PublicKey;
}

type RegisteredKey = Extract<Registered, { kind: "key" }>;

/** What an object says of itself around its Key Block, as its material keeps it. */
export type Around = Pick<Material, "subtype" | "splitKey" | "splitKeyReduction">;

function keepKeyBlock(context: OperationContext, keeping: Keeping, registered: RegisteredKey): Promise<Kept> {
  const { keyBlock, subtype, splitKey } = registered;
  const around: Around = {
    subtype,
    splitKey: splitKey && writeSplitKeyFacts(splitKey),
    splitKeyReduction: splitKey && reductionFor(splitKey.splitKeyMethod, context.version),
  };
  if (keyBlock.keyValue === undefined) return Promise.resolve(keepAbsent(keeping, keyBlock, around));
  if (isContainer(keeping, keyBlock)) return keepContainer(context, keeping, keyBlock, around);
  return isWrapped(keyBlock)
    ? keepWrapped(context, keeping, keyBlock, around)
    : keepKey(context, keeping, { ...around, keyBlock, wasWrapped: registered.wasWrapped === true });
}

function isContainer({ objectType }: Keeping, { keyFormatType, keyWrappingData }: KeyBlock): boolean {
  const isPrivate = objectType === ObjectType.PrivateKey;
  return isPrivate && keyFormatType === KeyFormatType.PKCS_12 && keyWrappingData === undefined;
}

/** The private key of a PKCS#12 container, kept as the key that it is. */
async function keepContainer(
  context: OperationContext,
  keeping: Keeping,
  keyBlock: KeyBlock,
  around: Around,
): Promise<Kept> {
  const { keyBlock: inner, set, digest } = await takeContainer(context, keeping.requested, keyBlock);
  const plain = { ...around, keyBlock: inner, wasWrapped: false };
  const kept = await keepKey(context, { ...keeping, requested: set }, plain);
  const { material } = kept;
  return {
    ...kept,
    material: { ...material, keyFormatType: KeyFormatType.PKCS_12 },
    digest,
    digestFormat: KeyFormatType.PKCS_12,
    otherDigests: [],
  };
}

/** Object types that may be registered without their Key Value (KMIP 2.1 §4.28). */
const absentAllowed: ReadonlySet<number> = new Set([
  ObjectType.SymmetricKey,
  ObjectType.PrivateKey,
  ObjectType.SplitKey,
  ObjectType.SecretData,
]);

/** An object whose Key Value is kept elsewhere: everything but the value is known (KMIP 2.1 §4.27, §4.28). */
function keepAbsent({ objectType, requested }: Keeping, keyBlock: KeyBlock, around: Around): Kept {
  if (!absentAllowed.has(objectType) || keyBlock.keyWrappingData !== undefined) {
    throw new KmipError("InvalidField", "the Key Block has no Key Value");
  }
  const { keyFormatType } = keyBlock;
  const algorithm = requested.get(attributes.cryptographicAlgorithm);
  const length = requested.get(attributes.cryptographicLength);
  return {
    material: {
      form: "absent",
      custody: "wrapped",
      keyType: "generic",
      blob: Buffer.alloc(0),
      keyEncryptionKeyVersion: 0,
      keyFormatType,
      ...around,
    },
    digest: null,
    set: requested.with(attributes.keyValuePresent, false),
    algorithm: agreed(keyBlock.cryptographicAlgorithm, algorithm, "Cryptographic Algorithm"),
    length: agreed(keyBlock.cryptographicLength, length, "Cryptographic Length"),
  };
}

function keepCertificate({ requested }: Keeping, { type, value }: Extract<Registered, { kind: "certificate" }>): Kept {
  const { set, algorithm, length } = certificateAttributes(requested, type, value);
  const blob = own(value);
  const material: Material = {
    form: "certificate",
    custody: "wrapped",
    keyType: "generic",
    blob,
    keyEncryptionKeyVersion: 0,
    keyFormatType: KeyFormatType.X_509,
    subtype: type,
  };
  return { material, digest: sha256(blob), set, algorithm, length };
}

function keepTemplate(
  { objectType, requested }: Keeping,
  { content }: Extract<Registered, { kind: "template" }>,
): Kept {
  return {
    material: templateMaterial(requested),
    digest: null,
    set: withTemplateContent(requested, objectType, content),
  };
}

/** Kept as it came: clients and authorities understand it, and the server answers Certify from it. */
function keepCertificateRequest(
  { requested }: Keeping,
  { type, value }: Extract<Registered, { kind: "certificate-request" }>,
): Kept {
  if (value.length === 0) throw new KmipError("InvalidField", "the certificate request is empty");
  const blob = own(value);
  const material: Material = {
    form: "certificate",
    custody: "wrapped",
    keyType: "generic",
    blob,
    keyEncryptionKeyVersion: 0,
    keyFormatType: KeyFormatType.PKCS_10,
    subtype: type,
  };
  return { material, digest: sha256(blob), set: requested };
}

async function keepOpaque(
  context: OperationContext,
  keeping: Keeping,
  { subtype, value }: Extract<Registered, { kind: "opaque" }>,
): Promise<Kept> {
  const digest = sha256(value);
  const bytes = await keepBytes(context, keeping, own(value));
  const set = keeping.requested.with(attributes.opaqueDataType, subtype);
  return { material: { ...bytes, keyFormatType: KeyFormatType.Opaque, subtype }, digest, set };
}

async function keepKey(
  context: OperationContext,
  keeping: Keeping,
  { keyBlock, wasWrapped, ...around }: Around & { readonly keyBlock: KeyBlock; readonly wasWrapped: boolean },
): Promise<Kept> {
  const { requested, objectType } = keeping;
  const key = (wasWrapped ? readUnwrapped : readKeyBlock)(objectType, keyBlock, {
    algorithm: requested.get(attributes.cryptographicAlgorithm),
    length: requested.get(attributes.cryptographicLength),
  });
  const digests = digestsOf(keyBlock, key, context.version);
  const set = withCurve(requested, key);
  const formats = {
    keyFormatType: key.keyFormatType,
    keyCompressionType: key.keyCompressionType,
    structured: key.structured,
    ...around,
  };
  const kept = { ...digests, set, algorithm: key.algorithm, length: key.bits };
  if (key.form === "public") return { ...kept, material: { ...publicMaterial(key), ...formats } };
  if (key.form === "bytes")
    return { ...kept, material: { ...(await keepBytes(context, keeping, key.value)), ...formats } };
  if (key.softwareOnly === true || !isOfEngine(key.keyType)) {
    const bytes = await keepBytes(context, keeping, key.value);
    const material: Material = { ...bytes, ...formats, form: key.form, custody: "software", keyType: key.keyType };
    return { ...kept, material };
  }
  const isOfToken = secretAlgorithms.get(key.algorithm ?? 0)?.softwareOnly !== true;
  if (keeping.inToken && !isOfToken) throw refuseTokenStorage();
  const custody = isOfToken ? context.keys.custodyFor({ highProtection: keeping.inToken }) : "wrapped";
  const stored = await context.keys.importKey({
    objectId: keeping.id,
    keyClass: key.form,
    keyType: key.keyType,
    value: key.value,
    custody,
    confined: isConfined(requested),
  });
  const material: Material = {
    form: key.form,
    custody,
    keyType: key.keyType,
    blob: stored.material,
    keyEncryptionKeyVersion: stored.keyEncryptionKeyVersion,
    ...formats,
  };
  return { ...kept, material };
}

function publicMaterial({ keyType, value, softwareOnly }: ReadKey): Material {
  const custody = softwareOnly === true ? "software" : "wrapped";
  return { form: "public", keyType, blob: value, custody, keyEncryptionKeyVersion: 0, keyFormatType: undefined };
}

function withCurve(requested: AttributeSet, { curve }: ReadKey): AttributeSet {
  if (curve === undefined) return requested;
  const parameters = requested.get(attributes.cryptographicDomainParameters);
  return requested.with(attributes.cryptographicDomainParameters, { ...parameters, recommendedCurve: curve });
}
