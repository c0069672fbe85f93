/** The part of buffer-layout 1.2 that the TTLV codec uses; the package carries no types of its own. */
declare module "buffer-layout" {
  /** A layout: reads a value of type T from a buffer at an offset and writes it there. Offsets and spans in bytes. */
  export class Layout<T> {
    constructor(span: number, property?: string);
    readonly span: number;
    readonly property: string | undefined;
    decode(buffer: Buffer, offset?: number): T;
    /** Gives the number of bytes written. */
    encode(source: T, buffer: Buffer, offset?: number): number;
    getSpan(buffer?: Buffer, offset?: number): number;
    replicate(property: string): Layout<T>;
  }
  export function u32be(property?: string): Layout<number>;
  export function s32be(property?: string): Layout<number>;
}
