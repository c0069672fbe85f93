import { randomBytes } from "node:crypto";
import { readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { describeCertificate } from "#certs/describe.js";
import { privateKeyFromPem } from "#certs/key-reading.js";
import { encryptedPrivateKeyPem, type KeyKind } from "#certs/keys.js";
import { pemBundle } from "#certs/pem.js";
import { writePkcs12 } from "#certs/pkcs12.js";
import { AdministrationError } from "./errors.js";
import { makeFolder, writeDurably } from "./files.js";
import { pykmipConfiguration } from "./pykmip-configuration.js";

/** What a client's certificate and its files are to be; the usual where absent. */
export interface CertificateWishes {
  /** EC P-256 where absent. */
  readonly key?: KeyKind;
  readonly dns?: readonly string[];
  readonly email?: readonly string[];
  readonly ip?: readonly string[];
  /** The private key is encrypted under it in all PEM files. */
  readonly keyPassword?: string;
  /** Writes `client.p12`; under a random password, in a file beside it, where none is given. */
  readonly pkcs12?: { readonly password?: string; readonly legacy?: boolean };
}

/** What the files are made of. */
export interface FileContent {
  readonly certificatePem: string;
  /** PKCS#8; null where the client has it and nobody else. */
  readonly privateKeyPem: string | null;
  readonly authorityPem: string;
  readonly folder: string;
  readonly address: { readonly host: string; readonly port: number };
}

/** A client's files by name. */
export type ClientFiles = ReadonlyMap<string, string | Buffer>;

/** Throws AdministrationError where a password cannot be used. */
export function checkPasswords({ keyPassword, pkcs12 }: CertificateWishes): void {
  for (const password of [keyPassword, pkcs12?.password]) {
    if (password === undefined) continue;
    if (password.length >= 4 && password.length <= 255 && !/\p{Cc}/u.test(password)) continue;
    throw new AdministrationError("invalid", "a password has 4 to 255 characters, none a control character");
  }
}

/** The files by which a client connects. */
export async function clientFiles(content: FileContent, wishes: CertificateWishes): Promise<ClientFiles> {
  const { certificatePem, privateKeyPem, authorityPem, folder, address } = content;
  const files = new Map<string, string | Buffer>([
    ["client.crt", certificatePem],
    ["ca.crt", authorityPem],
    ["chain.crt", pemBundle(certificatePem, authorityPem)],
  ]);
  if (privateKeyPem !== null) {
    const { keyPassword, pkcs12 } = wishes;
    const key = keyPassword === undefined ? privateKeyPem : encryptedPrivateKeyPem(privateKeyPem, keyPassword);
    files.set("client.key", key);
    files.set("client.pem", pemBundle(certificatePem, key));
    // PyKMIP has no place for a password.
    if (keyPassword === undefined) files.set("pykmip.conf", pykmipConfiguration(folder, address));
    if (pkcs12 !== undefined) await addContainer(files, content, privateKeyPem, pkcs12);
  }
  files.set("README.txt", readme(content, [...files.keys()], wishes));
  return files;
}

async function addContainer(
  files: Map<string, string | Buffer>,
  { certificatePem, authorityPem }: FileContent,
  privateKeyPem: string,
  { password, legacy }: NonNullable<CertificateWishes["pkcs12"]>,
): Promise<void> {
  const privateKey = privateKeyFromPem(privateKeyPem).export({ type: "pkcs8", format: "der" });
  const certificates = [certificatePem, authorityPem].map((pem) => describeCertificate(pem).der);
  const friendlyName = describeCertificate(certificatePem).subject;
  const chosen = password ?? randomBytes(18).toString("base64url");
  const protection = legacy === true ? "legacy" : "modern";
  files.set("client.p12", await writePkcs12({ privateKey, certificates, friendlyName }, chosen, protection));
  privateKey.fill(0);
  if (password === undefined) files.set("client.p12.password", `${chosen}\n`);
}

const meanings: Readonly<Record<string, string>> = {
  "client.crt": "the client's certificate, PEM",
  "client.key": "its private key, PKCS#8 PEM",
  "client.pem": "certificate and private key in one file, for products that want them so",
  "client.p12": "certificate, private key and authority in one PKCS#12 container (PFX)",
  "client.p12.password": "the password of client.p12: remove it when the container is installed",
  "chain.crt": "the certificate followed by its authority, for products that ask for a chain",
  "ca.crt": "the authority of the server's certificate: what the client trusts",
  "pykmip.conf": "configuration for PyKMIP",
};

function readme({ certificatePem, address }: FileContent, names: readonly string[], wishes: CertificateWishes): string {
  const { subject, fingerprint256, keyType, notAfter } = describeCertificate(certificatePem);
  const width = Math.max(...names.map((name) => name.length));
  return [
    `KMIP server:   ${address.host}, port ${address.port} (TLS)`,
    `Certificate:   ${subject}, ${keyType}, valid until ${notAfter.toISOString()}`,
    `Fingerprint:   ${fingerprint256} (SHA-256)`,
    "",
    ...names.map((name) => `${name.padEnd(width)}  ${meanings[name]}`),
    "",
    ...(wishes.keyPassword === undefined ? [] : ["The private key is encrypted in client.key and client.pem.", ""]),
    "The private key is the client's identity: keep these files where the client alone can read them.",
    "",
  ].join("\n");
}

/** Writes a client's files. */
export async function writeClientFiles(folder: string, files: ClientFiles): Promise<void> {
  for (const [name, content] of files) await writeDurably(join(folder, name), content);
}

/**
 * Puts new files in the place of a client's, when the registration of their certificate is done. The earlier ones stand
 * in `previous` from then on.
 */
export async function replaceClientFiles<T>(
  folder: string,
  files: ClientFiles,
  register: () => Promise<T>,
): Promise<T> {
  const [fresh, previous] = [join(folder, "renewed"), join(folder, "previous")];
  // 1. All new files, durable. A crash leaves the earlier ones in use, and these to be overwritten.
  await rm(fresh, { recursive: true, force: true });
  await writeClientFiles(fresh, files);
  // 2. Copies of the earlier ones.
  await makeFolder(folder);
  const earlier = (await readdir(folder, { withFileTypes: true })).filter((each) => each.isFile());
  await rm(previous, { recursive: true, force: true });
  for (const { name } of earlier) await writeDurably(join(previous, name), await readFile(join(folder, name)));
  // 3. Both certificates are good. A crash leaves the new files in `renewed`, whole, from where they can be copied.
  const registered = await register();
  // 4. The new files, one by one; those of forms that were not asked for again go.
  for (const name of files.keys()) await rename(join(fresh, name), join(folder, name));
  for (const { name } of earlier) if (!files.has(name)) await rm(join(folder, name));
  await rm(fresh, { recursive: true });
  return registered;
}
