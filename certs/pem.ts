import { CertificateError } from "./errors.js";

/** DER as one PEM block (RFC 7468): lines of 64 characters, closed by a line end. */
export function toPem(label: "CERTIFICATE" | "X509 CRL", der: Buffer): string {
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** PEM texts one after the other, each closed by a line end: certificate first, then key or chain, as clients read it. */
export function pemBundle(...parts: readonly string[]): string {
  return parts.map((part) => `${part.trimEnd()}\n`).join("");
}

/**
 * The certificates of a PEM text, one text each, in order; other blocks and words between them are passed over.
 *
 * @throws CertificateError when there is none.
 */
export function certificatesOf(pem: string): readonly string[] {
  const blocks = pemBlocks(pem, "CERTIFICATE");
  if (blocks.length === 0) throw new CertificateError("The text holds no PEM certificate");
  return blocks;
}

/**
 * The DER of the first PEM block whose label fits.
 *
 * @throws CertificateError when there is none, or it is not base64.
 */
export function derOfPem(pem: string, label: RegExp): Buffer {
  for (const [, name = "", body = ""] of pem.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \1-----/g)) {
    if (!label.test(name)) continue;
    if (!/^[A-Za-z0-9+/=\s]+$/.test(body)) break;
    return Buffer.from(body, "base64");
  }
  throw new CertificateError("The text holds no PEM block of its kind");
}

/** The PEM blocks of one label, one text each, in order. */
export function pemBlocks(pem: string, label: "CERTIFICATE" | "X509 CRL"): readonly string[] {
  const blocks = pem.match(new RegExp(`-----BEGIN ${label}-----[^-]+-----END ${label}-----`, "g")) ?? [];
  return blocks.map((block) => `${block}\n`);
}
