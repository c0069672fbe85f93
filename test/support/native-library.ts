import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const options = ["-std=gnu17", "-O2", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-fvisibility=hidden"];

/**
 * Compiles the C files of a folder to a shared library, where that is older than they are; gives its path. Rejects where
 * there is no C compiler.
 */
export async function sharedLibrary(sources: string, library: string): Promise<string> {
  const files = readdirSync(sources)
    .filter((name) => /\.[ch]$/.test(name))
    .map((name) => join(sources, name));
  const newest = Math.max(...files.map((file) => statSync(file).mtimeMs));
  if ((statSync(library, { throwIfNoEntry: false })?.mtimeMs ?? 0) > newest) return library;
  mkdirSync(dirname(library), { recursive: true });
  const draft = `${library}.${process.pid}`;
  const units = files.filter((file) => file.endsWith(".c"));
  try {
    await promisify(execFile)("cc", [...options, "-pthread", "-o", draft, ...units, "-ldl"]);
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (!isMissing) throw error;
    throw new Error(
      `${library} is compiled by a C compiler named cc, which is missing (Debian: sudo apt-get install build-essential)`,
    );
  }
  renameSync(draft, library);
  return library;
}
