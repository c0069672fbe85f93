import { type DerElement, derElements, derTags, dotted, expected } from "./der-elements.js";

/** One attribute of a distinguished name. */
export interface NamePart {
  /** Dotted identifier, such as 2.5.4.3 for the common name. */
  readonly type: string;
  readonly value: string;
}

/**
 * The parts of a Name (RFC 5280 §4.1.2.4) in their order.
 *
 * @param name the content of the SEQUENCE.
 * @throws CertificateError where it is not well-formed.
 */
export function nameParts(name: Buffer): readonly NamePart[] {
  return derElements(name).flatMap((set) =>
    derElements(expected(set, derTags.set).content).map((part) => {
      const [type, value] = derElements(expected(part, derTags.sequence).content);
      return { type: dotted(expected(type, derTags.objectIdentifier).content), value: textOf(value) };
    }),
  );
}

/** Text of a name is UTF-8 but for the old BMPString (UTF-16) and Latin-1 types, which ASCII hides. */
function textOf(value: DerElement | undefined): string {
  if (value === undefined) return "";
  const { tag, content } = value;
  if (tag === derTags.bmpString) {
    return Buffer.from(content.subarray(0, content.length - (content.length % 2)))
      .swap16()
      .toString("utf16le");
  }
  return content.toString(tag === derTags.utf8String ? "utf8" : "latin1");
}
