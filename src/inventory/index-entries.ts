import { createHash } from "node:crypto";
import { attributes } from "#protocol/attributes/definitions.js";
import type {
  ApplicationSpecificInformation,
  Name,
  X509CertificateSubject,
} from "#protocol/structures/attribute-values.js";
import { toCanonicalText } from "#src/objects/attribute-document.js";
import type { AttributeSet } from "#src/objects/attribute-set.js";
import type { IndexedAttribute, IndexedName } from "#storage/types.js";

/** The longest text the index keeps as it is; longer ones are kept as their SHA-256. */
const longestIndexedText = 512;

/**
 * Attributes that have no row in the attribute index. Most stand in a column of their own; the others are set by the
 * server to the same few values on every object, so that an index over them would find half of everything: Locate
 * checks those on the objects that its other conditions found.
 */
const notIndexed: ReadonlySet<string> = new Set(
  [
    attributes.uniqueIdentifier,
    attributes.name,
    attributes.objectType,
    attributes.cryptographicAlgorithm,
    attributes.cryptographicLength,
    attributes.cryptographicUsageMask,
    attributes.state,
    attributes.initialDate,
    attributes.activationDate,
    attributes.processStartDate,
    attributes.protectStopDate,
    attributes.deactivationDate,
    attributes.destroyDate,
    attributes.compromiseDate,
    attributes.compromiseOccurrenceDate,
    attributes.archiveDate,
    attributes.lastChangeDate,
    attributes.fresh,
    attributes.originalCreationDate,
    attributes.leaseTime,
    attributes.keyFormatType,
    attributes.keyValuePresent,
    attributes.randomNumberGenerator,
    attributes.sensitive,
    attributes.alwaysSensitive,
    attributes.extractable,
    attributes.neverExtractable,
    attributes.protectionLevel,
    attributes.protectionStorageMask,
    attributes.quantumSafe,
    attributes.usageLimits,
    attributes.revocationReason,
    attributes.rotateAutomatic,
    attributes.rotateGeneration,
    attributes.rotateLatest,
  ].map((definition: { readonly name: string }) => definition.name),
);

/** Whether Locate can find objects by this attribute through the attribute index. */
export function isIndexed(name: string): boolean {
  return !notIndexed.has(name);
}

/** The name under which the namespace of Application Specific Information is indexed by itself. */
export const applicationNamespaceIndex = "Application Specific Information/Application Namespace";

/** The name under which the subject of a certificate is indexed by itself, so that issuers are found by it. */
export const subjectNameIndex = "X.509 Certificate Subject/Subject Distinguished Name";

/** The text by which the index compares values: equal values give equal text, whatever their shape. */
export function indexedText(value: unknown): string {
  const text = toCanonicalText(value);
  if (text.length <= longestIndexedText) return text;
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

function entry(attribute: string, value: unknown): IndexedAttribute {
  const number = typeof value === "number" || typeof value === "bigint" ? value : null;
  return { attribute, value: indexedText(value), number };
}

/** The rows of the attribute index for an object's attributes. */
export function indexEntries(set: AttributeSet): readonly IndexedAttribute[] {
  const entries: IndexedAttribute[] = [];
  for (const name of set.names()) {
    if (!isIndexed(name)) continue;
    for (const { value } of set.instances(name)) {
      entries.push(entry(name, value));
      if (name === attributes.applicationSpecificInformation.name) {
        const information = value as ApplicationSpecificInformation;
        entries.push(entry(applicationNamespaceIndex, information.applicationNamespace));
      }
      if (name === attributes.x509CertificateSubject.name) {
        entries.push(entry(subjectNameIndex, (value as X509CertificateSubject).subjectDistinguishedName));
      }
    }
  }
  return entries;
}

/** The rows by which names are found and kept unique within a tenant. */
export function nameEntries(set: AttributeSet): readonly IndexedName[] {
  return set.values(attributes.name).map((name: Name) => ({ name: name.nameValue, nameType: name.nameType }));
}
