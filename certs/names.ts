import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import {
  contextPrimitive,
  type DerNode,
  objectIdentifier,
  printableString,
  sequence,
  setOf,
  utf8String,
} from "./der.js";
import { CertificateError } from "./errors.js";

/** The parts of a subject name that we issue; empty parts are left out. */
export interface SubjectName {
  readonly commonName: string;
  readonly organization?: string;
  readonly organizationalUnit?: string;
  /** Two letters, ISO 3166. */
  readonly country?: string;
}

// Upper bounds of RFC 5280 appendix A.1 (ub-common-name and so on), and the order in which a name is written.
const subjectParts = [
  { part: "country", attribute: "countryName", longest: 2, write: printableString },
  { part: "organization", attribute: "organizationName", longest: 64, write: utf8String },
  { part: "organizationalUnit", attribute: "organizationalUnitName", longest: 64, write: utf8String },
  { part: "commonName", attribute: "commonName", longest: 64, write: utf8String },
] as const;

/**
 * A distinguished name (RFC 5280 §4.1.2.4).
 *
 * @throws CertificateError when a part is empty, too long or holds a control character.
 */
export function distinguishedName(subject: SubjectName): DerNode {
  const names = subjectParts.flatMap(({ part, attribute, longest, write }) => {
    const text = subject[part];
    if (text === undefined) return [];
    if (text.length === 0 || [...text].length > longest || /\p{Cc}/u.test(text)) {
      throw new CertificateError(
        `The ${part} of a certificate has 1 to ${longest} characters, none a control character`,
      );
    }
    if (part === "country" && !/^[A-Z]{2}$/.test(text)) {
      throw new CertificateError("The country of a certificate is two capital letters");
    }
    return [setOf(sequence(objectIdentifier(attribute), write(text)))];
  });
  return sequence(...names);
}

const dnsNameTag = 2;
const ipAddressTag = 7;

/**
 * A host name or address as a GeneralName (RFC 5280 §4.2.1.6): an IP address in the forms IPv4 and IPv6 have, anything
 * else as a DNS name, of which the first label may be a `*`.
 *
 * @throws CertificateError when it is neither.
 */
export function generalName(host: string): DerNode {
  if (isIP(host) !== 0) return contextPrimitive(ipAddressTag, addressBytes(host));
  const wildcard = host.startsWith("*.");
  const ascii = domainToASCII(wildcard ? host.slice(2) : host);
  const labels = ascii.split(".");
  const sound = labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label));
  if (!sound || ascii.length > 251) throw new CertificateError(`"${host}" is neither a DNS name nor an IP address`);
  return contextPrimitive(dnsNameTag, Buffer.from(wildcard ? `*.${ascii}` : ascii, "ascii"));
}

const emailTag = 1;

/**
 * An e-mail address as a GeneralName (RFC 5280 §4.2.1.6).
 *
 * @throws CertificateError when it is none in ASCII.
 */
export function emailName(address: string): DerNode {
  if (!/^[\x21-\x3f\x41-\x7e]{1,64}@[A-Za-z0-9.-]{1,190}$/.test(address)) {
    throw new CertificateError(`"${address}" is no e-mail address in ASCII`);
  }
  return contextPrimitive(emailTag, Buffer.from(address, "ascii"));
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split(".").map(Number));
  // The URL parser writes every IPv6 form as groups of hexadecimal digits with at most one "::".
  const text = new URL(`http://[${address.replace(/%.*$/, "")}]/`).hostname.slice(1, -1);
  const [head = "", tail] = text.split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const groups = [...front, ...Array<string>(8 - front.length - back.length).fill("0"), ...back];
  return Buffer.from(groups.flatMap((group) => [Number.parseInt(group, 16) >>> 8, Number.parseInt(group, 16) & 0xff]));
}
