import type { X509Certificate } from "node:crypto";
import { certificateFields, extensionsIn } from "./certificate-fields.js";
import { type DerElement, derElements, derTags, elementsOf, expected, wholeBytes } from "./der-elements.js";
import { CertificateError } from "./errors.js";
import { certifiedKey } from "./key-reading.js";
import { derOfPem } from "./pem.js";
import { isSignedBy } from "./request-signature.js";
import { isTime, timeOf } from "./times.js";

/** A revocation list, read. */
export interface RevocationList {
  /** Name of the issuer, DER. */
  readonly issuer: Buffer;
  readonly thisUpdate: Date;
  /** When the next one is due; null where the list does not say. */
  readonly nextUpdate: Date | null;
  /** Serial numbers, lower-case hexadecimal without leading zeros. */
  readonly revoked: ReadonlySet<string>;
  /** Whether it is signed by the key of this certificate. */
  isSignedBy(issuer: X509Certificate): boolean;
}

/** The longest list that is read, in bytes. */
export const longestRevocationList = 4 * 1024 * 1024;

const explicitExtensions = 0xa0;

/**
 * Reads a whole and direct revocation list (RFC 5280 §5), DER or PEM.
 *
 * @throws CertificateError where it is none, is too long, or is partial, indirect or for some reasons only.
 */
export function readRevocationList(value: Buffer): RevocationList {
  if (value.length > longestRevocationList) throw new CertificateError("The revocation list is longer than 4 MiB");
  const isPem = value.subarray(0, 4096).includes("-----BEGIN");
  const der = isPem ? derOfPem(value.toString("latin1"), /^X509 CRL$/) : value;
  const [signed, algorithm, signature] = elementsOf(der, derTags.sequence);
  const list = expected(signed, derTags.sequence);
  const fields = derElements(list.content);
  const [, issuer, thisUpdate, ...rest] = fields[0]?.tag === derTags.integer ? fields.slice(1) : fields;
  const next = isTime(rest[0]) ? rest.shift() : undefined;
  const entries = rest[0]?.tag === derTags.sequence ? derElements(rest.shift()?.content ?? Buffer.alloc(0)) : [];
  checkScope(rest);
  return {
    issuer: Buffer.from(expected(issuer, derTags.sequence).whole),
    thisUpdate: timeOf(thisUpdate),
    nextUpdate: next === undefined ? null : timeOf(next),
    revoked: new Set(entries.map(revokedSerial)),
    isSignedBy: (certificate) =>
      isSignedBy(
        certifiedKey(certificate),
        expected(algorithm, derTags.sequence),
        list.whole,
        wholeBytes(expected(signature, derTags.bitString)),
      ),
  };
}

/** The serial number of a certificate as lists name it. */
export function serialOf(certificate: X509Certificate): string {
  return hexadecimal(derElements(certificateFields(certificate).serialNumber)[0]);
}

function revokedSerial(entry: DerElement): string {
  const [serial, , extensions] = derElements(expected(entry, derTags.sequence).content);
  if (extensions !== undefined && extensionsIn(extensions.whole).some(({ critical }) => critical)) {
    throw new CertificateError("The revocation list has entries with critical extensions, which are not understood");
  }
  return hexadecimal(serial);
}

function hexadecimal(serial: DerElement | undefined): string {
  return expected(serial, derTags.integer)
    .content.toString("hex")
    .replace(/^0+(?=.)/, "");
}

/** Critical extensions would change what the list covers (RFC 5280 §5.2): none is understood. */
function checkScope(rest: readonly DerElement[]): void {
  const extensions = rest.find(({ tag }) => tag === explicitExtensions);
  if (extensions === undefined) return;
  if (extensionsIn(extensions.content).some(({ critical }) => critical)) {
    throw new CertificateError(
      "The revocation list is partial or indirect: only whole lists of one authority are taken",
    );
  }
}
