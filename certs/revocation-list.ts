import { type CertificateAuthority, openAuthority } from "./authority.js";
import { contextConstructed, type DerNode, enumerated, sequence, smallInteger, time, unsignedInteger } from "./der.js";
import { CertificateError } from "./errors.js";
import { authorityKeyIdentifier, revocationListNumber, revocationReason } from "./extensions.js";
import { toPem } from "./pem.js";
import { signedDer } from "./signing.js";

/** The reasons for a revocation (RFC 5280 §5.3.1). */
export const revocationReasons = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  privilegeWithdrawn: 9,
} as const;

/** A certificate that is revoked. */
export interface RevokedCertificate {
  /** The serial number in hexadecimal. */
  readonly serial: string;
  readonly revokedAt: Date;
  readonly reason?: keyof typeof revocationReasons;
}

/**
 * Issues a version 2 revocation list (RFC 5280 §5) as PEM.
 *
 * @param options.number the list's number, which grows with each list; the milliseconds since 1970 when left out.
 * @param options.validityDays days until the next list is due; 7 when left out.
 * @throws CertificateError when a serial number is not hexadecimal or the authority cannot issue.
 */
export function issueRevocationList(options: {
  readonly ca: CertificateAuthority;
  readonly revoked: readonly RevokedCertificate[];
  readonly number?: bigint;
  readonly validityDays?: number;
}): string {
  const issuer = openAuthority(options.ca);
  const now = new Date();
  const nextUpdate = new Date(now.getTime() + (options.validityDays ?? 7) * 24 * 60 * 60 * 1000);
  const entries = options.revoked.map(revokedEntry);
  const list = signedDer(issuer.privateKey, (algorithm) =>
    sequence(
      smallInteger(1),
      algorithm,
      issuer.name,
      time(now),
      time(nextUpdate),
      // The field is left out, not empty, when nothing is revoked (RFC 5280 §5.1.2.6).
      ...(entries.length > 0 ? [sequence(...entries)] : []),
      contextConstructed(
        0,
        sequence(
          authorityKeyIdentifier(issuer.keyIdentifier),
          revocationListNumber(hexadecimalBytes((options.number ?? BigInt(now.getTime())).toString(16))),
        ),
      ),
    ),
  );
  return toPem("X509 CRL", list);
}

function revokedEntry(revoked: RevokedCertificate): DerNode {
  const reason = revocationReasons[revoked.reason ?? "unspecified"];
  const fields = [unsignedInteger(hexadecimalBytes(revoked.serial)), time(revoked.revokedAt)];
  // The reason "unspecified" should be left out (RFC 5280 §5.3.1).
  return reason === revocationReasons.unspecified
    ? sequence(...fields)
    : sequence(...fields, sequence(revocationReason(enumerated(reason))));
}

function hexadecimalBytes(text: string): Buffer {
  if (!/^[0-9a-f]+$/i.test(text)) throw new CertificateError(`"${text}" is not a hexadecimal number`);
  return Buffer.from(text.length % 2 === 0 ? text : `0${text}`, "hex");
}
