import { adoptedDer } from "./adopted-der.js";
import {
  type DerNode,
  encodeDer,
  ia5String,
  objectIdentifier,
  printableString,
  sequence,
  setOf,
  utf8String,
} from "./der.js";
import { derElements, derTags, expected } from "./der-elements.js";
import { CertificateError } from "./errors.js";
import { nameParts } from "./name-parts.js";
import { type ObjectIdentifierName, objectIdentifiers } from "./object-identifiers.js";

/** Kinds of part of the names that clients ask for, in the order in which a name is written (RFC 4519, RFC 5280). */
const partKinds = {
  DC: { attribute: "domainComponent", longest: 255, write: ia5String },
  C: { attribute: "countryName", longest: 2, write: printableString },
  ST: { attribute: "stateOrProvinceName", longest: 128, write: utf8String },
  L: { attribute: "localityName", longest: 128, write: utf8String },
  O: { attribute: "organizationName", longest: 64, write: utf8String },
  OU: { attribute: "organizationalUnitName", longest: 64, write: utf8String },
  title: { attribute: "title", longest: 64, write: utf8String },
  dnQualifier: { attribute: "dnQualifier", longest: 64, write: printableString },
  serialNumber: { attribute: "serialNumber", longest: 64, write: printableString },
  CN: { attribute: "commonName", longest: 64, write: utf8String },
  UID: { attribute: "userId", longest: 256, write: utf8String },
  emailAddress: { attribute: "emailAddress", longest: 255, write: ia5String },
} as const satisfies Record<
  string,
  { attribute: ObjectIdentifierName; longest: number; write: (text: string) => DerNode }
>;

/** The short name of a kind of part, as RFC 4514 writes it. */
export type SubjectPartName = keyof typeof partKinds;

/** The order of the kinds in a name that is put together from single parts. */
const order = Object.keys(partKinds) as readonly SubjectPartName[];

const kindsByType: ReadonlyMap<string, SubjectPartName> = new Map(
  order.map((kind) => [objectIdentifiers[partKinds[kind].attribute], kind]),
);

/** The kind of a part by the dotted identifier of its attribute; undefined for kinds without a short name. */
export function subjectPartOf(type: string): SubjectPartName | undefined {
  return kindsByType.get(type);
}

/** The kind that a word stands for: `CN`, `cn`, `email`; undefined for none. */
export function subjectPartNamed(word: string): SubjectPartName | undefined {
  return kindsByWord.get(word.toLowerCase());
}

/** One part of a subject: its kind and its text. */
export type SubjectPart = readonly [kind: SubjectPartName, text: string];

/**
 * The DER of a Name with these parts, the least particular first.
 *
 * @throws CertificateError when a part is empty, too long, or holds characters its type has not.
 */
export function nameOfParts(parts: readonly SubjectPart[]): Buffer {
  if (parts.length > mostParts) throw new CertificateError("A name has too many parts");
  return encodeDer(sequence(...parts.map(relativeName)));
}

/** The parts in the order in which names are usually written; those of one kind keep theirs. */
export function inUsualOrder(parts: readonly SubjectPart[]): readonly SubjectPart[] {
  return [...parts].sort(([one], [other]) => order.indexOf(one) - order.indexOf(other));
}

/** The most parts a name has here. */
const mostParts = 64;

function relativeName([kind, text]: SubjectPart): DerNode {
  const { attribute, longest, write } = partKinds[kind];
  if (text.length === 0 || [...text].length > longest || /\p{Cc}/u.test(text)) {
    throw new CertificateError(`${kind} of a name has 1 to ${longest} characters, none a control character`);
  }
  if (kind === "C" && !/^[A-Z]{2}$/.test(text)) throw new CertificateError("C of a name is two capital letters");
  return setOf(sequence(objectIdentifier(attribute), write(text)));
}

/** Other words for the kinds, by which people and OpenSSL write names. */
const otherWords: Readonly<Record<string, SubjectPartName>> = {
  s: "ST",
  sp: "ST",
  e: "emailAddress",
  email: "emailAddress",
  userid: "UID",
  t: "title",
};

const kindsByWord: ReadonlyMap<string, SubjectPartName> = new Map([
  ...order.map((kind): [string, SubjectPartName] => [kind.toLowerCase(), kind]),
  ...Object.entries(otherWords),
]);

/**
 * The DER of a name as text: `CN=device 1,O=Bank` as RFC 4514 writes it, the most particular part first.
 *
 * @throws CertificateError when it is not so written or has a part of an unknown kind.
 */
export function nameOfText(text: string): Buffer {
  if (text === "") return nameOfParts([]);
  const pieces = text.match(/(?:[^,\\]|\\.)+/gs) ?? [];
  return nameOfParts(pieces.map(partOfText).reverse());
}

function partOfText(piece: string): SubjectPart {
  const equals = piece.indexOf("=");
  const kind = kindsByWord.get(piece.slice(0, equals).trim().toLowerCase());
  if (equals < 0 || kind === undefined) throw new CertificateError("The name has a part of an unknown kind");
  const value = piece.slice(equals + 1).trim();
  if (/(?<!\\)[+;<>"]/.test(value)) throw new CertificateError("A name has a special character that is not escaped");
  return [kind, value.replace(/((?:\\[0-9A-Fa-f]{2})+)|\\(.)/gs, (_, hex, other) => other ?? fromHexadecimal(hex))];
}

/** Escaped bytes are those of the text in UTF-8 (RFC 4514 §2.4). */
function fromHexadecimal(pairs: string): string {
  return Buffer.from(pairs.replaceAll("\\", ""), "hex").toString("utf8");
}

/**
 * A name that a client gives as DER, checked.
 *
 * @throws CertificateError when it is no Name, or has too many parts.
 */
export function checkedName(der: Buffer): Buffer {
  adoptedDer(der);
  const [name] = derElements(der);
  if (nameParts(expected(name, derTags.sequence).content).length > mostParts) {
    throw new CertificateError("A name has too many parts");
  }
  return der;
}

/** Whether a Name has no parts. */
export function isEmptyName(der: Buffer): boolean {
  return derElements(der)[0]?.content.length === 0;
}
