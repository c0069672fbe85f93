import { randomBytes } from "node:crypto";

/** One way in which a secret may stand somewhere. */
export interface Needle {
  /** Of which secret, and in which form. */
  readonly name: string;
  readonly bytes: Buffer;
}

/** The characters of base64 that bytes give wherever they begin, `before` bytes behind a group of three. */
function base64Inside(bytes: Buffer, before: number, encoding: "base64" | "base64url"): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes])
    .toString(encoding)
    .replace(/=+$/, "");
  const from = Math.ceil((before * 8) / 6);
  const to = Math.floor(((before + bytes.length) * 8) / 6);
  return text.slice(from, to);
}

/** A text and what JSON, XML and two bytes a character make of it. */
function textForms(name: string, text: string): readonly Needle[] {
  const forms: Readonly<Record<string, Buffer>> = {
    "UTF-8": Buffer.from(text),
    "UTF-16": Buffer.from(text, "utf16le"),
    "Latin-1": Buffer.from(text, "latin1"),
    JSON: Buffer.from(JSON.stringify(text).slice(1, -1)),
    "JSON twice": Buffer.from(JSON.stringify(JSON.stringify(text).slice(1, -1)).slice(1, -1)),
    URL: Buffer.from(encodeURIComponent(text)),
  };
  return Object.entries(forms).map(([form, bytes]) => ({ name: `${name}, ${form}`, bytes }));
}

/** The forms of bytes: raw, hexadecimal, base64 at each place, as numbers of an array, as characters; each also in UTF-16. */
export function formsOf(name: string, bytes: Buffer): readonly Needle[] {
  const texts: Readonly<Record<string, string>> = {
    hexadecimal: bytes.toString("hex"),
    "hexadecimal in capitals": bytes.toString("hex").toUpperCase(),
    ...Object.fromEntries(
      [0, 1, 2].flatMap((before) =>
        (["base64", "base64url"] as const).map((encoding) => [
          `${encoding} ${before}`,
          base64Inside(bytes, before, encoding),
        ]),
      ),
    ),
    "numbers of an array": [...bytes].join(","),
    "numbers of an array, spaced": [...bytes].join(", "),
    "characters as JSON": JSON.stringify(bytes.toString("latin1")).slice(1, -1),
  };
  return unique([
    { name: `${name}, raw`, bytes },
    { name: `${name}, reversed`, bytes: Buffer.from(bytes).reverse() },
    { name: `${name}, characters as UTF-8`, bytes: Buffer.from(bytes.toString("latin1")) },
    ...Object.entries(texts).flatMap(([form, text]) => [
      { name: `${name}, ${form}`, bytes: Buffer.from(text) },
      { name: `${name}, ${form} in UTF-16`, bytes: Buffer.from(text, "utf16le") },
    ]),
  ]);
}

/** The forms of a text, and of its bytes. */
export function formsOfText(name: string, text: string): readonly Needle[] {
  return unique([...textForms(name, text), ...formsOf(name, Buffer.from(text))]);
}

/** A number in decimals, as a BigInt is written; its beginning is enough. */
export function formsOfNumber(name: string, bytes: Buffer): readonly Needle[] {
  return textForms(
    `${name}, decimal`,
    BigInt(`0x${bytes.toString("hex")}`)
      .toString()
      .slice(0, 40),
  );
}

/** Every whole line of the PEM of a private key but the first one, which keys of a kind have alike. */
export function formsOfPem(name: string, pem: string): readonly Needle[] {
  const lines = pem.split("\n").filter((line) => line.length === 64 && !line.startsWith("-"));
  return lines
    .slice(1, 6)
    .map((line, index) => ({ name: `${name}, line ${index + 2} of PEM`, bytes: Buffer.from(line) }));
}

function unique(needles: readonly Needle[]): readonly Needle[] {
  return [...new Map(needles.map((needle) => [needle.bytes.toString("latin1"), needle])).values()];
}

/** Bytes by which secrets are found, and a text for those that are texts; nothing else has them. */
export class Mark {
  readonly bytes = randomBytes(16);
  readonly text = `p\u00e4ss"${randomBytes(12).toString("hex")}`;
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** A secret of so many bytes that begins with the mark. */
  secret(length: number): Buffer {
    return Buffer.concat([this.bytes, randomBytes(Math.max(0, length - this.bytes.length))]).subarray(0, length);
  }

  /** All forms of the mark. */
  get needles(): readonly Needle[] {
    return [...formsOf(this.name, this.bytes), ...formsOfText(this.name, this.text)];
  }
}
