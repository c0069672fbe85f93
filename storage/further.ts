import type { Connection } from "./connection.js";

/**
 * What a long read gives for what it did not do yet, so that others have their turn meanwhile. The rest may be done over
 * another connection, and what is written between the pieces may be seen by those that follow.
 */
export class Further<Value> {
  readonly next: (connection: Connection) => Promise<Value | Further<Value>>;

  constructor(next: (connection: Connection) => Promise<Value | Further<Value>>) {
    this.next = next;
  }
}
