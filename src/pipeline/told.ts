/** What the answers of a batch tell, one after the other. An answer is looked through once, and only where one asks. */
export class Told<Value> {
  private readonly found: Value[] = [];
  private unseen: (() => readonly Value[])[] = [];

  /** One more answer: `look` gives what it tells, in its order. */
  add(look: () => readonly Value[]): void {
    this.unseen.push(look);
  }

  /** What all of them told, in their order. */
  all(): readonly Value[] {
    const unseen = this.unseen;
    this.unseen = [];
    for (const look of unseen) for (const value of look()) this.found.push(value);
    return this.found;
  }
}
