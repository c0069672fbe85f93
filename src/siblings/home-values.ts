import { randomBytes } from "node:crypto";
import type { Siblings } from "./siblings.js";

/** Length of a value that names something kept in the memory of one process, in bytes: nobody guesses one. */
const valueBytes = 16;

/** A new value that names something kept in this process. Where there are others, its first two bytes say in which. */
export function newHomeValue(siblings: Siblings): Buffer {
  const value = randomBytes(valueBytes);
  if (!siblings.isAlone) value.writeUInt16BE(siblings.self, 0);
  return value;
}

/** The process in which what a value names is kept, if it is kept anywhere. */
export function homeOf(siblings: Siblings, value: Buffer): number {
  return siblings.isAlone || value.length !== valueBytes ? siblings.self : value.readUInt16BE(0);
}
