import { readFile } from "node:fs/promises";

/** The longest file of certificates or revocation lists that is read, in bytes. */
const longestFile = 8 * 1024 * 1024;

/** The PEM blocks of a file, or its bytes as one block where it is DER. Throws where it is too long or cannot be read. */
export async function readPemFile(file: string, label: "CERTIFICATE" | "X509 CRL"): Promise<string> {
  const { pemBlocks, toPem } = await import("#certs/pem.js");
  const content = await readFile(file);
  if (content.length > longestFile) throw new Error(`${file} is longer than 8 MiB`);
  if (!content.includes("-----BEGIN ")) return toPem(label, content);
  const text = content.toString("latin1");
  if (text.includes("PRIVATE KEY-----")) throw new Error(`${file} holds a private key: give the certificates alone`);
  const blocks = pemBlocks(text, label);
  if (blocks.length === 0)
    throw new Error(`${file} holds no ${label === "CERTIFICATE" ? "certificate" : "revocation list"}`);
  return blocks.join("");
}
