import { EncodingError, EncodingErrorCode } from "./error.js";
import { hexadecimalDigits, signedFromDigits, toHexadecimal } from "./values.js";

const dateTime = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:(Z)|([+-])(\d{2}):(\d{2}))?$/;

/** Seconds since 1970 between which a date has a year of four digits. */
const firstSecond = BigInt(Date.UTC(1, 0, 1) / 1000);
const lastSecond = 253_402_300_799n;

const microsecondsPerSecond = 1_000_000n;

interface Instant {
  readonly seconds: bigint;
  readonly microseconds: bigint;
}

/** Days from 1 January 1970, and undefined for a day the calendar does not have. */
function dayNumber(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const exists = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists ? date.getTime() / 86_400_000 : undefined;
}

function parse(text: string): Instant {
  const parts = dateTime.exec(text);
  const [year, month, day, hour, minute, second, , , , zoneHour, zoneMinute] = (parts ?? []).slice(1).map(Number);
  const days = dayNumber(year ?? Number.NaN, month ?? 0, day ?? 0);
  const inDay = (hour ?? 24) < 24 && (minute ?? 60) < 60 && (second ?? 60) < 60;
  const zone = parts?.[9] === undefined ? 0 : (zoneHour ?? 0) * 3600 + (zoneMinute ?? 0) * 60;
  if (days === undefined || !inDay || zone > 14 * 3600) {
    throw new EncodingError(EncodingErrorCode.BadValue, "A Date-Time is not a date and time");
  }
  const local = days * 86_400 + (hour ?? 0) * 3600 + (minute ?? 0) * 60 + (second ?? 0);
  return {
    seconds: BigInt(parts?.[9] === "-" ? local + zone : local - zone),
    microseconds: BigInt((parts?.[7] ?? "").padEnd(6, "0").slice(0, 6)),
  };
}

function hexadecimalDate(text: string): bigint | undefined {
  const digits = hexadecimalDigits(text);
  if (digits === undefined) return undefined;
  if (digits.length !== 16) throw new EncodingError(EncodingErrorCode.BadValue, "A Date-Time has sixteen digits");
  return signedFromDigits(digits);
}

/** Seconds since 1970 from an ISO 8601 date (a fraction is dropped, no zone means UTC) or sixteen hexadecimal digits. */
export function dateTimeFrom(text: string): bigint {
  return hexadecimalDate(text) ?? parse(text).seconds;
}

/** Microseconds since 1970, written as for `dateTimeFrom` with up to six digits of fraction. */
export function dateTimeExtendedFrom(text: string): bigint {
  const direct = hexadecimalDate(text);
  if (direct !== undefined) return direct;
  const { seconds, microseconds } = parse(text);
  return seconds * microsecondsPerSecond + microseconds;
}

/** Seconds since 1970 as an ISO 8601 date in UTC; as hexadecimal digits where the year would not have four digits. */
export function dateTimeText(seconds: bigint): string {
  if (seconds < firstSecond || seconds > lastSecond) return `0x${toHexadecimal(seconds, 8)}`;
  return new Date(Number(seconds) * 1000).toISOString().replace(".000Z", "+00:00");
}

/** Microseconds since 1970 as an ISO 8601 date in UTC with six digits of fraction. */
export function dateTimeExtendedText(microseconds: bigint): string {
  const fraction = ((microseconds % microsecondsPerSecond) + microsecondsPerSecond) % microsecondsPerSecond;
  const text = dateTimeText((microseconds - fraction) / microsecondsPerSecond);
  if (text.startsWith("0x")) return `0x${toHexadecimal(microseconds, 8)}`;
  return text.replace("+00:00", `.${fraction.toString().padStart(6, "0")}+00:00`);
}
