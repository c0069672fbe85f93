import { factOfTag, Tag, tagOfSpecName } from "../../tags.js";
import { type Item, ItemType, type Primitive } from "../../ttlv/item.js";
import { attributeNameAmong } from "../attribute-context.js";
import { firstExtension, openByteStrings, secretTags } from "../secret-tags.js";
import { type StandIn, structureOf, type TranscriptItem } from "./step.js";
import { standInFor } from "./values.js";

/** Beside what is secret in every text: what tells of key material and data in the messages of a client. */
const secretInMessages: ReadonlySet<number> = new Set([Tag.KeyValue, Tag.Nonce]);

/** Public Byte Strings, beside those that are open in every text: what is in a certificate, and what names a stream. */
const publicByteStrings: ReadonlySet<number> = new Set([
  Tag.CertificateValue,
  Tag.CertificateRequest,
  Tag.CertificateRequestValue,
  Tag.CertificateSerialNumber,
  Tag.IssuerDistinguishedName,
  Tag.SubjectDistinguishedName,
  Tag.IssuerAlternativeName,
  Tag.SubjectAlternativeName,
  Tag.CorrelationValue,
]);

/** Texts that name and describe things. Every other text is a secret until it is listed here. */
const openTexts: ReadonlySet<number> = new Set([
  Tag.AttributeName,
  Tag.NameValue,
  Tag.AlternativeNameValue,
  Tag.RotateNameValue,
  Tag.UniqueIdentifier,
  Tag.PrivateKeyUniqueIdentifier,
  Tag.PublicKeyUniqueIdentifier,
  Tag.ReplacedUniqueIdentifier,
  Tag.LinkedObjectIdentifier,
  Tag.ObjectGroup,
  Tag.OperationPolicyName,
  Tag.ApplicationNamespace,
  Tag.ApplicationData,
  Tag.ContactInformation,
  Tag.Description,
  Tag.Comment,
  Tag.Username,
  Tag.DeviceIdentifier,
  Tag.DeviceSerialNumber,
  Tag.NetworkIdentifier,
  Tag.MachineIdentifier,
  Tag.MediaIdentifier,
  Tag.VendorIdentification,
  Tag.ExtensionName,
  Tag.ResultMessage,
  Tag.RevocationMessage,
  Tag.ClientCorrelationValue,
  Tag.ServerCorrelationValue,
  Tag.InteropIdentifier,
  Tag.ServerName,
  Tag.ServerSerialNumber,
  Tag.ServerVersion,
  Tag.ServerLoad,
  Tag.ProductName,
  Tag.BuildLevel,
  Tag.BuildDate,
  Tag.ClusterInfo,
  Tag.CertificateIssuerDistinguishedName,
  Tag.CertificateSubjectDistinguishedName,
  Tag.Issuer,
  Tag.SerialNumber,
]);

const textTypes: ReadonlySet<ItemType> = new Set([
  ItemType.TextString,
  ItemType.Identifier,
  ItemType.Reference,
  ItemType.NameReference,
]);

/** The fewest bytes that hold the magnitude of a number, at least one. */
function magnitude(value: bigint): Buffer {
  const digits = (value < 0n ? -value : value).toString(16);
  return Buffer.from(digits.padStart(digits.length + (digits.length % 2), "0"), "hex");
}

/** The bytes of a value whose type has a length: of a Big Integer those of its magnitude. */
export function bytesOf(item: Item): Buffer | undefined {
  if (item.type === ItemType.ByteString) return item.value;
  if (item.type === ItemType.BigInteger) return magnitude(item.value);
  return textTypes.has(item.type) && typeof item.value === "string" ? Buffer.from(item.value) : undefined;
}

/** What of the things around an item decides whether it is shown. */
interface Surroundings {
  readonly isSecret: boolean;
  /** The name of the attribute whose value the item is. */
  readonly attributeName: string | undefined;
  readonly isVendorAttribute: boolean;
}

/** The tag whose rules hold for an item; undefined for values of attributes that the specification does not know. */
function ruledBy(tag: number, { attributeName, isVendorAttribute }: Surroundings): number | undefined {
  if (tag !== Tag.AttributeValue) return tag;
  if (attributeName === undefined || isVendorAttribute) return undefined;
  return tagOfSpecName(attributeName.replace(/\s+/g, " "));
}

function isSecretTag(tag: number | undefined): boolean {
  if (tag === undefined || tag >= firstExtension || factOfTag(tag) === undefined) return true;
  return secretTags.has(tag) || secretInMessages.has(tag);
}

function isShown(item: Primitive, tag: number | undefined): boolean {
  if (tag === undefined) return false;
  if (item.type === ItemType.ByteString) return openByteStrings.has(tag) || publicByteStrings.has(tag);
  if (item.type === ItemType.BigInteger) return false;
  return !textTypes.has(item.type) || openTexts.has(tag);
}

/**
 * A message without its secrets, by tag and by where they stand: numbers, dates and enumerations are shown, texts and
 * Byte Strings only under tags that are known to name things, and nothing at all inside key values, passwords, tickets,
 * PKCS#11 parameters, extensions, and values of attributes that the specification does not know.
 *
 * @param digest a keyed digest of a secret in hexadecimal digits, so that equal secrets can be told to be equal
 */
export function redacted(message: Item, digest: (secret: Buffer) => string): TranscriptItem {
  return hide(message, { isSecret: false, attributeName: undefined, isVendorAttribute: false }, digest);
}

function hide(item: Item, around: Surroundings, digest: (secret: Buffer) => string): TranscriptItem {
  const tag = ruledBy(item.tag, around);
  const isSecret = around.isSecret || isSecretTag(tag);
  if (item.type === ItemType.Structure) {
    const inside: Surroundings = {
      isSecret,
      attributeName: attributeNameAmong(item.value),
      isVendorAttribute: item.value.some((child) => child.tag === Tag.VendorIdentification),
    };
    return structureOf(
      item.tag,
      item.value.map((child) => hide(child, inside, digest)),
    );
  }
  if (!isSecret && isShown(item, tag)) return { item, children: [] };
  return standInFor(item, secretOf(item, digest));
}

function secretOf(item: Primitive, digest: (secret: Buffer) => string): StandIn {
  const bytes = bytesOf(item);
  const told = bytes ?? Buffer.from(`${item.type} ${String(item.value)}`);
  return { kind: "redacted", bytes: bytes?.length, digest: digest(told) };
}
