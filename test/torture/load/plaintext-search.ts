/** Looks for registered keys where no key may stand in plaintext: I6. */
import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "./finding.js";
import { loadMarker } from "./move.js";

/** How a key would stand in a file. In base64 its first bytes are told apart only where they begin a group. */
const forms: readonly Buffer[] = [
  loadMarker,
  Buffer.from(loadMarker.toString("hex")),
  Buffer.from(loadMarker.toString("hex").toUpperCase()),
  Buffer.from(loadMarker.subarray(0, 12).toString("base64")),
];

const longest = Math.max(...forms.map(({ length }) => length));
const blockSize = 1024 * 1024;

/** The files under a folder in which the beginning of a registered key stands. */
export function plaintextUnder(folder: string): readonly Finding[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(holdsKey)
    .map((path) => ({ invariant: "I6", what: `${path} holds a key in plaintext` }));
}

/** Whether the beginning of a registered key stands in some text. */
export function plaintextIn(what: string, text: string): readonly Finding[] {
  const bytes = Buffer.from(text, "utf8");
  const isThere = forms.some((form) => bytes.includes(form));
  return isThere ? [{ invariant: "I6", what: `${what} holds a key in plaintext` }] : [];
}

function holdsKey(path: string): boolean {
  const file = openSync(path, "r");
  try {
    const block = Buffer.alloc(blockSize + longest);
    let kept = 0;
    for (;;) {
      const count = readSync(file, block, kept, blockSize, null);
      if (count === 0) return false;
      const filled = block.subarray(0, kept + count);
      if (forms.some((form) => filled.includes(form))) return true;
      kept = Math.min(longest - 1, filled.length);
      filled.copyWithin(0, filled.length - kept);
    }
  } finally {
    closeSync(file);
  }
}
