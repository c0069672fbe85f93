import { execFile } from "node:child_process";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs openssl on files with these contents; `files` are named in the arguments by @NAME. Gives standard output. */
export async function openssl(
  args: readonly string[],
  files: Readonly<Record<string, string | Buffer>> = {},
): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), "openssl-"));
  try {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    const out = join(folder, "out");
    const named = args.map((arg) => (arg.startsWith("@") ? join(folder, arg.slice(1)) : arg));
    const { stdout } = await run("openssl", named, { cwd: folder, encoding: "buffer" });
    return named.includes(out) ? readFileSync(out) : stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A key pair of a client, outside the server. */
export interface ClientPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** A P-256 pair. */
export function curvePair(): ClientPair {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

/** The private key as PKCS #8 PEM. */
export function keyPem({ privateKey }: ClientPair): string {
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** A PKCS #10 request in PEM that OpenSSL makes, with these extensions as its configuration writes them. */
export async function pemRequest(
  pair: ClientPair,
  subject: string,
  extensions: readonly string[] = [],
): Promise<Buffer> {
  const added = extensions.flatMap((extension) => ["-addext", extension]);
  const args = ["req", "-new", "-key", "@key.pem", "-subj", subject, ...added, "-outform", "PEM"];
  return openssl(args, { "key.pem": keyPem(pair) });
}

/** The same in DER. */
export async function derRequest(
  pair: ClientPair,
  subject: string,
  extensions: readonly string[] = [],
): Promise<Buffer> {
  const pem = await pemRequest(pair, subject, extensions);
  return Buffer.from(pem.toString().replace(/-----[^-]+-----/g, ""), "base64");
}

/** One DER element. */
export function element(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  if (content.length < 0x80) return Buffer.concat([Buffer.of(tag, content.length), content]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(content.length);
  return Buffer.concat([Buffer.of(tag, 0x82), length, content]);
}

const ecdsaWithSha256 = Buffer.from("300a06082a8648ce3d040302", "hex");

/** A CRMF request (RFC 4211) for a P-256 key whose possession is proven by a signature. */
export function crmfRequest(pair: ClientPair, commonName: string): Buffer {
  const attribute = element(0x30, Buffer.from("0603550403", "hex"), element(0x0c, Buffer.from(commonName)));
  const name = element(0x30, element(0x31, attribute));
  const spki = pair.publicKey.export({ type: "spki", format: "der" });
  const template = element(0x30, element(0xa5, name), Buffer.concat([Buffer.of(0xa6), spki.subarray(1)]));
  const request = element(0x30, Buffer.from("020100", "hex"), template);
  const signature = element(0x03, Buffer.of(0), sign("sha256", request, pair.privateKey));
  return element(0x30, element(0x30, request, element(0xa1, ecdsaWithSha256, signature)));
}

/** A certificate that OpenSSL issues for a test. */
export interface TestCertificate {
  readonly pair: ClientPair;
  readonly pem: string;
  readonly der: Buffer;
}

/** What a test certificate is to be; `-days` is 30 where not told otherwise. */
export interface TestCertificateOptions {
  readonly subject: string;
  readonly pair?: ClientPair;
  /** Signed by its own key where left out. */
  readonly issuer?: TestCertificate;
  /** Extensions as OpenSSL's configuration writes them: `basicConstraints=critical,CA:TRUE`. */
  readonly extensions?: readonly string[];
  readonly days?: number;
}

/** Issues a certificate with OpenSSL: an implementation that is not the server's. */
export async function testCertificate(options: TestCertificateOptions): Promise<TestCertificate> {
  const { subject, issuer, extensions = [], days = 30 } = options;
  const pair = options.pair ?? curvePair();
  const request = await pemRequest(pair, subject);
  const files: Record<string, string | Buffer> = { csr: request, ext: `${extensions.join("\n")}\n` };
  const signing = issuer === undefined ? ["-signkey", "@key"] : ["-CA", "@ca", "-CAkey", "@key", "-CAcreateserial"];
  files["key"] = keyPem(issuer?.pair ?? pair);
  if (issuer !== undefined) files["ca"] = issuer.pem;
  const args = ["x509", "-req", "-in", "@csr", ...signing, "-days", String(days), "-extfile", "@ext"];
  const pem = (await openssl(args, files)).toString();
  return { pair, pem, der: Buffer.from(pem.replace(/-----[^-]+-----/g, ""), "base64") };
}

/** The extensions of an authority. */
export const authorityExtensions = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"];

/** The certificate with the last byte of its signature changed. */
export function forged({ der }: Pick<TestCertificate, "der">): Buffer {
  const altered = Buffer.from(der);
  altered.writeUInt8((altered.at(-1) ?? 0) ^ 1, altered.length - 1);
  return altered;
}
