import type { X509Certificate } from "node:crypto";
import { type DerElement, derElements, derTags, elementsOf, expected } from "./der-elements.js";
import { CertificateError } from "./errors.js";

const utcTime = 0x17;
const generalizedTime = 0x18;
const explicitVersionTag = 0xa0;

/** Whether an element is a Time (RFC 5280 §4.1). */
export function isTime(element: DerElement | undefined): boolean {
  return element?.tag === utcTime || element?.tag === generalizedTime;
}

/**
 * The moment that a Time tells (RFC 5280 §4.1.2.5): UTCTime, whose years are 1950 to 2049, or GeneralizedTime, in UTC.
 *
 * @throws CertificateError where it is none, or no moment of the calendar.
 */
export function timeOf(element: DerElement | undefined): Date {
  const pattern = element?.tag === utcTime ? /^(\d{2})(\d{10})Z$/ : /^(\d{4})(\d{10})Z$/;
  const [, year = "", rest = ""] = (isTime(element) && pattern.exec(element?.content.toString("latin1") ?? "")) || [];
  if (rest === "") throw new CertificateError("A date is not well-formed");
  const fullYear = element?.tag === utcTime ? Number(year) + (Number(year) < 50 ? 2000 : 1900) : Number(year);
  const [month = 0, day = 0, hour = 0, minute = 0, second = 0] = (rest.match(/\d{2}/g) ?? []).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(fullYear, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const exists =
    date.getUTCFullYear() === fullYear &&
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute;
  if (!exists) throw new CertificateError("A date is none of the calendar");
  return date;
}

/** The time a certificate is good for, both moments included. */
export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/**
 * When a certificate is good. It is read from the certificate itself: the words that node:crypto has for its dates leave
 * out what cannot be read, and years before 100 look like those of today.
 *
 * @throws CertificateError where a date is missing or not well-formed.
 */
export function validityOf({ raw }: X509Certificate): Validity {
  const [toBeSigned] = elementsOf(raw, derTags.sequence);
  const fields = derElements(expected(toBeSigned, derTags.sequence).content);
  const validity = fields[fields[0]?.tag === explicitVersionTag ? 4 : 3];
  const [from, until] = derElements(expected(validity, derTags.sequence).content);
  return { notBefore: timeOf(from), notAfter: timeOf(until) };
}
