import { type Extension, extensionValue } from "./certificate-fields.js";
import { derElements, derTags, dotted, elementsOf, expected } from "./der-elements.js";
import { CertificateError } from "./errors.js";
import { type KeyUsage, keyUsageBits } from "./extensions.js";
import { objectIdentifierName, objectIdentifiers } from "./object-identifiers.js";

/** What a certificate or a request for one says in its extensions, as far as it is taken over into a new one. */
export interface RequestedExtensions {
  /** Each GeneralName, DER. */
  readonly alternativeNames: readonly Buffer[];
  /** Undefined where nothing is said. */
  readonly uses: readonly KeyUsage[] | undefined;
  /** The DER of an ExtKeyUsageSyntax. */
  readonly extendedUses: Buffer | undefined;
  /** Whether it is to be an authority itself: basic constraints, or signing certificates or revocation lists. */
  readonly isAuthority: boolean;
}

const authorityUses: ReadonlySet<KeyUsage> = new Set(["keyCertSign", "cRLSign"]);

/**
 * Reads the extensions that matter; others are passed over, as an authority may (RFC 2986 §1).
 *
 * @throws CertificateError where one is not well-formed.
 */
export function requestedExtensions(extensions: readonly Extension[]): RequestedExtensions {
  const value = (type: string): Buffer | undefined => extensionValue(extensions, type);
  const names = value(objectIdentifiers.subjectAltName);
  const uses = value(objectIdentifiers.keyUsage);
  const extendedUses = value(objectIdentifiers.extKeyUsage);
  const read = uses === undefined ? undefined : readKeyUsage(uses);
  if (extendedUses !== undefined) readExtendedKeyUsages(extendedUses);
  return {
    alternativeNames: names === undefined ? [] : elementsOf(names, derTags.sequence).map(({ whole }) => whole),
    uses: read,
    extendedUses,
    isAuthority: basicConstraints(extensions).isAuthority || (read ?? []).some((use) => authorityUses.has(use)),
  };
}

/**
 * The uses that a KeyUsage extension names (RFC 5280 §4.2.1.3).
 *
 * @throws CertificateError where it is not well-formed.
 */
export function readKeyUsage(value: Buffer): readonly KeyUsage[] {
  const { content } = expected(derElements(value)[0], derTags.bitString);
  const uses = (Object.keys(keyUsageBits) as KeyUsage[]).filter((use) => {
    const bit = keyUsageBits[use];
    return ((content[1 + Math.floor(bit / 8)] ?? 0) & (0x80 >> (bit % 8))) !== 0;
  });
  if (uses.length === 0) throw new CertificateError("A key usage extension names at least one use");
  return uses;
}

/**
 * The uses that an ExtKeyUsageSyntax names (RFC 5280 §4.2.1.12), as objectIdentifierName calls them.
 *
 * @throws CertificateError where it is not well-formed.
 */
export function readExtendedKeyUsages(value: Buffer): readonly string[] {
  const uses = elementsOf(value, derTags.sequence).map((use) => expected(use, derTags.objectIdentifier));
  if (uses.length === 0) throw new CertificateError("An extended key usage extension names at least one use");
  return uses.map(({ content }) => objectIdentifierName(dotted(content)));
}

/** What basic constraints say (RFC 5280 §4.2.1.9). */
export interface BasicConstraints {
  readonly isAuthority: boolean;
  /** How many authorities may stand below it; undefined where there is no bound. */
  readonly pathLength: number | undefined;
}

/**
 * The basic constraints among extensions; without them, nobody is an authority.
 *
 * @throws CertificateError where they are not well-formed.
 */
export function basicConstraints(extensions: readonly Extension[]): BasicConstraints {
  const value = extensionValue(extensions, objectIdentifiers.basicConstraints);
  if (value === undefined) return { isAuthority: false, pathLength: undefined };
  const parts = elementsOf(value, derTags.sequence);
  const isAuthority = parts.some(({ tag, content }) => tag === derTags.boolean && content[0] !== 0);
  const length = parts.find(({ tag }) => tag === derTags.integer)?.content;
  if (length !== undefined && (length.length === 0 || length.length > 4 || (length[0] ?? 0) > 0x7f)) {
    throw new CertificateError("The path length of basic constraints is out of bounds");
  }
  return { isAuthority, pathLength: length?.readUIntBE(0, length.length) };
}
