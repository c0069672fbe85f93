/** The rest of a read that has more than one piece. */
export interface LongRead {
  /** The call that it answers. */
  readonly id: number;
  readonly asker: string;
  /** Pieces that are done. */
  readonly pieces: number;
}

interface Line<Read> {
  /** The calls that take turns. */
  readonly turning: Set<number>;
  readonly waiting: Read[];
}

/** After so many pieces a read makes way for the asker's next one. */
const piecesInARow = 20;

/**
 * Of the long reads of one asker only some take turns with what others read, and each goes on until its end: finished one
 * after the other they end sooner, on the whole, than if all went on together. One that is very long makes way now and then.
 */
export class LongReads<Read extends LongRead> {
  private readonly lines = new Map<string, Line<Read>>();
  private readonly atOnce: number;

  /** So many of one asker take turns. */
  constructor(atOnce: number) {
    this.atOnce = atOnce;
  }

  /** A piece was done. Gives the read of this asker whose turn is next, if one more is to be done. */
  goOn(rest: Read): Read | undefined {
    const line = this.lineOf(rest.asker);
    if (line.turning.has(rest.id)) {
      const makesWay = rest.pieces % piecesInARow === 0 && line.waiting.length > 0;
      if (!makesWay) return rest;
      line.waiting.push(rest);
      return this.replace(line, rest.id);
    }
    if (line.turning.size < this.atOnce) {
      line.turning.add(rest.id);
      return rest;
    }
    line.waiting.push(rest);
    return undefined;
  }

  /** A read, long or short, has ended. Gives the read of this asker that takes turns in its place. */
  ended(asker: string, id: number): Read | undefined {
    const line = this.lines.get(asker);
    if (line?.turning.has(id) !== true) return undefined;
    const next = this.replace(line, id);
    if (line.turning.size === 0) this.lines.delete(asker);
    return next;
  }

  private lineOf(asker: string): Line<Read> {
    const known = this.lines.get(asker);
    if (known !== undefined) return known;
    const line = { turning: new Set<number>(), waiting: [] };
    this.lines.set(asker, line);
    return line;
  }

  private replace({ turning, waiting }: Line<Read>, id: number): Read | undefined {
    turning.delete(id);
    const next = waiting.shift();
    if (next !== undefined) turning.add(next.id);
    return next;
  }
}
