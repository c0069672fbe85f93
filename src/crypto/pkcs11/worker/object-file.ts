import pkcs11js from "pkcs11js";

const WORD = 8;

/** How an object file of SoftHSM marks the kind of a value (SoftHSM ObjectFile.cpp). */
const KIND = { boolean: 1, number: 2, bytes: 3, attributes: 4, mechanisms: 5 } as const;

/** One of these must be there and not empty for a key to be one. */
const KEY_VALUES: ReadonlySet<number> = new Set([
  pkcs11js.CKA_VALUE,
  pkcs11js.CKA_PRIVATE_EXPONENT,
  pkcs11js.CKA_MODULUS,
  pkcs11js.CKA_EC_POINT,
]);

/** What is found in an object file of SoftHSM. */
export interface ObjectFile {
  /** The file is whole: it can be read to its end and holds a class, an identifier and a key value. */
  readonly complete: boolean;
  /** The file cannot be read to its end, or has neither identifier nor value: nobody can ask for it as an object. */
  readonly remnant: boolean;
}

class Cursor {
  readonly #content: Buffer;
  #offset = WORD;

  constructor(content: Buffer) {
    this.#content = content;
  }

  get atEnd(): boolean {
    return this.#offset >= this.#content.length;
  }

  word(): number {
    const value = Number(this.#content.readBigUInt64BE(this.#offset));
    this.#offset += WORD;
    return value;
  }

  skip(length: number): void {
    if (length > this.#content.length - this.#offset) {
      throw new RangeError("value longer than the file");
    }
    this.#offset += length;
  }
}

/** Skips one value and gives its length in bytes. */
function skipValue(cursor: Cursor, kind: number): number {
  switch (kind) {
    case KIND.boolean:
      cursor.skip(1);
      return 1;
    case KIND.number:
      cursor.skip(WORD);
      return WORD;
    case KIND.bytes:
    case KIND.attributes: {
      const length = cursor.word();
      cursor.skip(length);
      return length;
    }
    case KIND.mechanisms: {
      const length = cursor.word() * WORD;
      cursor.skip(length);
      return length;
    }
    default:
      throw new RangeError(`unknown kind of value ${kind}`);
  }
}

/** Reads the frame of an object file: generation, then type, kind and value of each attribute. Values stay sealed. */
export function readObjectFile(content: Buffer): ObjectFile {
  const filled = new Set<number>();
  try {
    const cursor = new Cursor(content);
    while (!cursor.atEnd) {
      const type = cursor.word();
      if (skipValue(cursor, cursor.word()) > 0) {
        filled.add(type);
      }
    }
  } catch (error) {
    if (error instanceof RangeError) {
      return { complete: false, remnant: true };
    }
    throw error;
  }
  const hasKey = [...KEY_VALUES].some((type) => filled.has(type));
  const hasIdentifier = filled.has(pkcs11js.CKA_ID);
  return { complete: hasKey && filled.has(pkcs11js.CKA_CLASS) && hasIdentifier, remnant: !hasKey && !hasIdentifier };
}
