import { attributes } from "#protocol/attributes/definitions.js";
import { readAttributeDocument, writeAttributeDocument } from "#src/objects/attribute-document.js";
import type { Custody, MaterialKeyType } from "#src/objects/custody.js";
import { isDestroyed } from "#src/objects/lifecycle.js";
import type { ManagedObject, Material, MaterialForm } from "#src/objects/managed-object.js";
import { rotationDate } from "#src/objects/rotation.js";
import type { NewObject, ObjectRow } from "#storage/types.js";
import { indexEntries, nameEntries } from "./index-entries.js";

interface MaterialDocument {
  readonly form: MaterialForm;
  readonly keyType: MaterialKeyType;
  readonly keyFormatType?: number | undefined;
  readonly keyCompressionType?: number | undefined;
  readonly structured?: boolean | undefined;
  readonly subtype?: number | undefined;
  readonly keyWrappingData?: string | undefined;
  readonly splitKey?: string | undefined;
  readonly splitKeyReduction?: Material["splitKeyReduction"];
}

function encode(bytes: Buffer | undefined): string | undefined {
  return bytes?.toString("base64");
}

function decode(text: string | undefined): Buffer | undefined {
  return text === undefined ? undefined : Buffer.from(text, "base64");
}

function materialDocument(material: Material | null): string {
  if (material === null) return "null";
  const { form, keyType, keyFormatType, keyCompressionType, structured, subtype, splitKeyReduction } = material;
  const document: MaterialDocument = {
    form,
    keyType,
    keyFormatType,
    keyCompressionType,
    structured,
    subtype,
    keyWrappingData: encode(material.keyWrappingData),
    splitKey: encode(material.splitKey),
    splitKeyReduction,
  };
  return JSON.stringify(document);
}

function readMaterial(row: ObjectRow): Material | null {
  const document = JSON.parse(row.materialInformation) as MaterialDocument | null;
  if (document === null || row.material === null) return null;
  return {
    ...document,
    custody: row.custody as Custody,
    blob: Buffer.from(row.material),
    keyEncryptionKeyVersion: row.keyEncryptionKeyVersion,
    keyFormatType: document.keyFormatType,
    keyWrappingData: decode(document.keyWrappingData),
    splitKey: decode(document.splitKey),
  };
}

/** What the columns of a row say of an object, its version and integrity tag apart. */
export type RowFields = Omit<NewObject["row"], "integrityTag">;

/** The row of an object. */
export function rowOf(object: ManagedObject): RowFields {
  const set = object.attributes;
  return {
    tenantId: object.tenantId,
    id: object.id,
    objectType: object.objectType,
    state: set.get(attributes.state) ?? null,
    custody: object.material?.custody ?? "wrapped",
    algorithm: set.get(attributes.cryptographicAlgorithm) ?? null,
    length: set.get(attributes.cryptographicLength) ?? null,
    usageMask: set.get(attributes.cryptographicUsageMask) ?? null,
    initialDate: set.get(attributes.initialDate) ?? 0,
    activationDate: set.get(attributes.activationDate) ?? null,
    processStartDate: set.get(attributes.processStartDate) ?? null,
    protectStopDate: set.get(attributes.protectStopDate) ?? null,
    deactivationDate: set.get(attributes.deactivationDate) ?? null,
    destroyDate: set.get(attributes.destroyDate) ?? null,
    compromiseDate: set.get(attributes.compromiseDate) ?? null,
    compromiseOccurrenceDate: set.get(attributes.compromiseOccurrenceDate) ?? null,
    archiveDate: set.get(attributes.archiveDate) ?? null,
    lastChangeDate: set.get(attributes.lastChangeDate) ?? 0,
    rotateAt: rotationDate(object) ?? null,
    fresh: set.get(attributes.fresh) ?? false,
    attributes: writeAttributeDocument(set),
    material: object.material?.blob ?? null,
    materialInformation: materialDocument(object.material),
    keyEncryptionKeyVersion: object.material?.keyEncryptionKeyVersion ?? 0,
  };
}

/** Everything the index holds of an object. A destroyed object gives its names back. */
export function indexOf(object: ManagedObject): Pick<NewObject, "attributes" | "names"> {
  const destroyed = isDestroyed(object.attributes.get(attributes.state));
  return { attributes: indexEntries(object.attributes), names: destroyed ? [] : nameEntries(object.attributes) };
}

/** The object of a row. */
export function objectOf(row: ObjectRow): ManagedObject {
  return {
    tenantId: row.tenantId,
    id: row.id,
    objectType: row.objectType,
    version: row.version,
    attributes: readAttributeDocument(row.attributes),
    material: readMaterial(row),
  };
}

/**
 * The bytes an integrity tag is made over: everything that says what the object is, bound to its tenant, identifier and
 * version, each part behind its length so that no two objects give the same bytes.
 */
export function authenticatedBytes(row: RowFields, version: number): Buffer {
  const parts = [
    "keyreeve object 1",
    row.tenantId,
    row.id,
    String(version),
    String(row.objectType),
    row.custody,
    String(row.keyEncryptionKeyVersion),
    row.attributes,
    row.materialInformation,
    row.material ?? "",
  ].map((part) => (typeof part === "string" ? Buffer.from(part) : part));
  const lengths = Buffer.alloc(parts.length * 4);
  parts.forEach((part, index) => {
    lengths.writeUInt32BE(part.length, index * 4);
  });
  return Buffer.concat([lengths, ...parts]);
}
