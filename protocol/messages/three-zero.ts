import { LinkType, NameType } from "../enums/index.js";
import { Tag } from "../tags.js";
import { type Item, ItemType } from "../ttlv/item.js";

/**
 * Messages of 3.0 say with other fields what those of 2.1 say: identifiers and references have item types of their own,
 * each type of link is an attribute, a Name is a text, groups are links, and batch items go without count and IDs. Here
 * one is put into the words of the other, so that the rest of the server knows one dialect.
 */

/** The attribute of 3.0 for each Link Type of 2.1. */
const linkTags: ReadonlyMap<number, number> = new Map<number, number>([
  [LinkType.CertificateLink, Tag.CertificateLink],
  [LinkType.PublicKeyLink, Tag.PublicKeyLink],
  [LinkType.PrivateKeyLink, Tag.PrivateKeyLink],
  [LinkType.DerivationBaseObjectLink, Tag.DerivationObjectLink],
  [LinkType.DerivedKeyLink, Tag.DerivedObjectLink],
  [LinkType.ReplacementObjectLink, Tag.ReplacementObjectLink],
  [LinkType.ReplacedObjectLink, Tag.ReplacedObjectLink],
  [LinkType.ParentLink, Tag.ParentLink],
  [LinkType.ChildLink, Tag.ChildLink],
  [LinkType.PreviousLink, Tag.PreviousLink],
  [LinkType.NextLink, Tag.NextLink],
  [LinkType.PKCS_12CertificateLink, Tag.PKCS_12CertificateLink],
  [LinkType.PKCS_12PasswordLink, Tag.PKCS_12PasswordLink],
  [LinkType.WrappingKeyLink, Tag.WrappingKeyLink],
]);

const linkTypes: ReadonlyMap<number, number> = new Map([...linkTags].map(([type, tag]) => [tag, type]));

/** Structures whose items are attributes. */
const attributeHolders: ReadonlySet<number> = new Set([
  Tag.Attributes,
  Tag.CommonAttributes,
  Tag.PrivateKeyAttributes,
  Tag.PublicKeyAttributes,
  Tag.NewAttribute,
  Tag.CurrentAttribute,
]);

/** Fields that hold an identifier. */
const identifierTags: ReadonlySet<number> = new Set([
  Tag.UniqueIdentifier,
  Tag.PrivateKeyUniqueIdentifier,
  Tag.PublicKeyUniqueIdentifier,
  Tag.ReplacedUniqueIdentifier,
  Tag.CertificateRequestUniqueIdentifier,
]);

function structure(tag: number, ...value: readonly Item[]): Item {
  return { tag, type: ItemType.Structure, value };
}

function childrenOf(item: Item): readonly Item[] {
  return item.type === ItemType.Structure ? item.value : [];
}

function textIn(item: Item): string | undefined {
  switch (item.type) {
    case ItemType.TextString:
    case ItemType.Identifier:
    case ItemType.Reference:
    case ItemType.NameReference:
      return item.value;
    default:
      return undefined;
  }
}

/** Whether an item, or one in it, is of a type that came with 3.0. */
export function usesThreeZero({ type, value }: Item): boolean {
  return type === ItemType.Structure ? value.some(usesThreeZero) : type > ItemType.DateTimeExtended;
}

/** A request message of 3.0 in the words of 2.1. */
export function fromThreeZero(message: Item): Item {
  if (message.type !== ItemType.Structure) return message;
  const items = message.value.filter(({ tag }) => tag === Tag.BatchItem).length;
  const number = (tag: number, value: number): Item => ({ tag, type: ItemType.Integer, value });
  let index = 0;
  const value = message.value.map((part) => {
    if (part.tag === Tag.RequestHeader) {
      return structure(part.tag, ...childrenOf(plain(part, false)), number(Tag.BatchCount, items));
    }
    if (part.tag !== Tag.BatchItem) return plain(part, false);
    index += 1;
    return withIdentifier(plain(part, false), index);
  });
  return { ...message, value };
}

/** A batch item with the ID by which 2.x tells the items of a message apart: its place. */
function withIdentifier(item: Item, place: number): Item {
  const id = Buffer.alloc(4);
  id.writeUInt32BE(place);
  const [operation, ...rest] = childrenOf(item);
  const uniqueBatchItemId: Item = { tag: Tag.UniqueBatchItemID, type: ItemType.ByteString, value: id };
  return structure(item.tag, ...(operation === undefined ? [] : [operation]), uniqueBatchItemId, ...rest);
}

function plain(item: Item, isAttribute: boolean): Item {
  if (item.type === ItemType.Structure) {
    const holds = attributeHolders.has(item.tag);
    return { ...item, value: withoutRepeatedReferences(item.value.map((child) => plain(child, holds))) };
  }
  const text = textIn(item);
  if (text !== undefined) return plainText(item.tag, text, isAttribute);
  if (item.tag !== Tag.AttributeReference || item.type !== ItemType.Enumeration) return item;
  return { ...item, value: plainReference(item.value) };
}

/** Several types of link are one attribute of 2.1, which is asked for once. */
function withoutRepeatedReferences(items: readonly Item[]): readonly Item[] {
  const first = items.findIndex(({ tag, value }) => tag === Tag.AttributeReference && value === Tag.Link);
  return items.filter(({ tag, value }, index) => {
    return tag !== Tag.AttributeReference || value !== Tag.Link || index === first;
  });
}

function plainText(tag: number, text: string, isAttribute: boolean): Item {
  const value: Item = { tag, type: ItemType.TextString, value: text };
  if (!isAttribute) return value;
  if (tag === Tag.Name) {
    return structure(
      tag,
      { ...value, tag: Tag.NameValue },
      { tag: Tag.NameType, type: ItemType.Enumeration, value: NameType.UninterpretedTextString },
    );
  }
  if (tag === Tag.GroupLink) return { ...value, tag: Tag.ObjectGroup };
  const linkType = linkTypes.get(tag);
  if (linkType === undefined) return value;
  return structure(
    Tag.Link,
    { tag: Tag.LinkType, type: ItemType.Enumeration, value: linkType },
    { ...value, tag: Tag.LinkedObjectIdentifier },
  );
}

function plainReference(tag: number): number {
  if (tag === Tag.GroupLink) return Tag.ObjectGroup;
  return linkTypes.has(tag) ? Tag.Link : tag;
}

/** Fields of messages of 2.1 that those of 3.0 do not have. */
const dropped: ReadonlySet<number> = new Set([Tag.BatchCount, Tag.UniqueBatchItemID]);

/**
 * A response message of 2.1 in the words of 3.0. Of links, which 2.1 asks for all at once, an answer tells those that the
 * request of 3.0, if there is one, has named.
 */
export function toThreeZero(message: Item, request: Item | undefined): Item {
  if (message.type !== ItemType.Structure) return message;
  const asked = childrenOf(request ?? message).filter(({ tag }) => tag === Tag.BatchItem);
  let index = 0;
  const value = message.value.map((part) => {
    const parts = childrenOf(part)
      .filter(({ tag }) => !dropped.has(tag))
      .map((child) => telling(child, false));
    if (part.tag !== Tag.BatchItem) return structure(part.tag, ...parts);
    const named = namedAttributes(asked[index]);
    index += 1;
    return structure(part.tag, ...parts.map((child) => withLinks(child, named)));
  });
  return { ...message, value };
}

/** The tags of the attributes that a batch item names; empty where it names none and all are told. */
function namedAttributes(item: Item | undefined): ReadonlySet<number> {
  const payload = item === undefined ? undefined : childrenOf(item).find(({ tag }) => tag === Tag.RequestPayload);
  const references = payload === undefined ? [] : childrenOf(payload);
  return new Set(
    references.flatMap((reference) =>
      reference.tag === Tag.AttributeReference && reference.type === ItemType.Enumeration ? [reference.value] : [],
    ),
  );
}

/** An item without the links that were not named among others. */
function withLinks(item: Item, named: ReadonlySet<number>): Item {
  if (item.type !== ItemType.Structure || ![...named].some((tag) => linkTypes.has(tag))) return item;
  return {
    ...item,
    value: item.value
      .filter(({ tag }) => !linkTypes.has(tag) || named.has(tag))
      .map((child) => withLinks(child, named)),
  };
}

function telling(item: Item, isAttribute: boolean): Item {
  if (item.type === ItemType.Structure) {
    if (isAttribute && item.tag === Tag.Name) return nameOf(item);
    if (isAttribute && item.tag === Tag.Link) return linkOf(item);
    const holds = attributeHolders.has(item.tag);
    return { ...item, value: item.value.map((child) => telling(child, holds)) };
  }
  if (item.type !== ItemType.TextString) return item;
  if (identifierTags.has(item.tag)) return { ...item, type: ItemType.Identifier };
  return isAttribute && item.tag === Tag.ObjectGroup
    ? { tag: Tag.GroupLink, type: ItemType.NameReference, value: item.value }
    : item;
}

function nameOf(item: Item): Item {
  const value = childrenOf(item).find(({ tag }) => tag === Tag.NameValue);
  return value?.type === ItemType.TextString ? { ...value, tag: Tag.Name } : item;
}

function linkOf(item: Item): Item {
  const [type, linked] = childrenOf(item);
  const tag = type?.type === ItemType.Enumeration ? linkTags.get(type.value) : undefined;
  if (tag === undefined || linked?.type !== ItemType.TextString) return item;
  return { tag, type: ItemType.Reference, value: linked.value };
}
