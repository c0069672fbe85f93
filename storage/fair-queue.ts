/** What waits of one asker; taken from the front by moving a mark, so that nothing is shifted. */
interface Line<Value> {
  values: Value[];
  taken: number;
}

/** Values taken from the front of a line before the room they had is given back. */
const compactAfter = 64;

/**
 * A queue in which askers take turns: whoever has much waiting holds up nobody who has little. What one asker has is
 * kept in order. Every step but `heaviest` takes the same time however much waits.
 */
export class FairQueue<Value> {
  /** In the order of their turns. */
  private readonly lines = new Map<string, Line<Value>>();
  private count = 0;

  /** Values that wait. */
  get length(): number {
    return this.count;
  }

  /** Askers of whom something waits. */
  get askers(): number {
    return this.lines.size;
  }

  /** Values that wait of one asker. */
  lengthOf(asker: string): number {
    const line = this.lines.get(asker);
    return line === undefined ? 0 : line.values.length - line.taken;
  }

  push(asker: string, value: Value): void {
    const line = this.lines.get(asker);
    if (line === undefined) this.lines.set(asker, { values: [value], taken: 0 });
    else line.values.push(value);
    this.count += 1;
  }

  /** The first value of the asker whose turn it is; that asker comes last from now on. */
  shift(): Value | undefined {
    for (const asker of this.lines.keys()) return this.shiftInTurn(asker);
    return undefined;
  }

  /** So many values, or all there are, as if taken one after the other. */
  take(most: number): Value[] {
    const taken: Value[] = [];
    while (taken.length < most && this.count > 0) {
      for (const asker of [...this.lines.keys()].slice(0, most - taken.length)) {
        const value = this.shiftInTurn(asker);
        if (value !== undefined) taken.push(value);
      }
    }
    return taken;
  }

  /** The values that are next of each asker, in the order of their turns. */
  *heads(): Iterable<readonly [asker: string, value: Value]> {
    for (const [asker, { values, taken }] of this.lines) yield [asker, values[taken] as Value];
  }

  /** The value of one asker that is next. */
  first(asker: string): Value | undefined {
    const line = this.lines.get(asker);
    return line?.values[line.taken];
  }

  /** Takes the next value of one asker, who comes last from now on. */
  shiftInTurn(asker: string): Value | undefined {
    const line = this.lines.get(asker);
    if (line === undefined) return undefined;
    this.lines.delete(asker);
    const value = this.takeFirst(line);
    if (line.taken < line.values.length) this.lines.set(asker, line);
    return value;
  }

  /** One asker comes after all others from now on. */
  comesLast(asker: string): void {
    const line = this.lines.get(asker);
    if (line === undefined) return;
    this.lines.delete(asker);
    this.lines.set(asker, line);
  }

  /** Takes the next value of one asker, whose turn stays. */
  shiftOf(asker: string): Value | undefined {
    const line = this.lines.get(asker);
    if (line === undefined) return undefined;
    const value = this.takeFirst(line);
    if (line.taken === line.values.length) this.lines.delete(asker);
    return value;
  }

  /** Takes the newest value of one asker. */
  popOf(asker: string): Value | undefined {
    const line = this.lines.get(asker);
    if (line === undefined) return undefined;
    const value = line.values.pop();
    this.count -= 1;
    if (line.taken === line.values.length) this.lines.delete(asker);
    return value;
  }

  /** The asker of whom most waits; undefined where nothing does. Looks at all askers. */
  heaviest(): string | undefined {
    let heaviest: string | undefined;
    let most = 0;
    for (const [asker, { values, taken }] of this.lines) {
      if (values.length - taken <= most) continue;
      most = values.length - taken;
      heaviest = asker;
    }
    return heaviest;
  }

  private takeFirst(line: Line<Value>): Value | undefined {
    const value = line.values[line.taken];
    line.taken += 1;
    this.count -= 1;
    if (line.taken >= compactAfter && line.taken * 2 >= line.values.length) {
      line.values = line.values.slice(line.taken);
      line.taken = 0;
    }
    return value;
  }
}
