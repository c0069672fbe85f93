import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** Owner only: everything in a data directory is. */
const fileMode = 0o600;
const folderMode = 0o700;

/** Makes a folder and its parents, for the owner only. */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: folderMode });
}

/** Writes a file whole or not at all, durable when this resolves, readable by the owner only. */
export async function writeDurably(file: string, content: string | Buffer): Promise<void> {
  await makeFolder(dirname(file));
  const temporary = `${file}.new`;
  const handle = await open(temporary, "w", fileMode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  const folder = await open(dirname(file), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The content of a file, or undefined where there is none. */
export async function readIfPresent(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
