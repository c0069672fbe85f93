import { readFile } from "node:fs/promises";

/** The longest file of a certificate request that is read, in bytes. */
const longestFile = 64 * 1024;

/** A certificate request from a file, PEM as it is or DER in base64. Throws where it is too long or cannot be read. */
export async function readRequestFile(file: string): Promise<string> {
  const content = await readFile(file);
  if (content.length > longestFile) throw new Error(`${file} is longer than 64 KiB: that is no certificate request`);
  return content.includes("-----BEGIN") ? content.toString("latin1") : content.toString("base64");
}
