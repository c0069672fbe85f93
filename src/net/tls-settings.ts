import { constants, X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { privateKeyFromPem } from "#certs/key-reading.js";

/** A server certificate (its chain may follow in the same text) and its private key, both PEM. */
export interface ServerCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** What a listener shows and trusts. */
export interface TlsSettings {
  /** An EC certificate, an RSA one, or one of each: the handshake picks by what the client can do. */
  readonly certificates: readonly ServerCertificate[];
  /** The authorities of client certificates, PEM. With none, no client certificate is accepted. */
  readonly clientAuthorities: readonly string[];
  /** Revocation lists, PEM. When there is one, every authority of a client's chain needs one that is not stale. */
  readonly revocationLists?: readonly string[];
  /** `compatible` when left out. */
  readonly profile?: TlsProfile;
}

/** The server's own certificates or the authorities it was given cannot be used; the message says which and why. */
export class TlsSettingsError extends Error {
  override readonly name = "TlsSettingsError";
}

const tls13Suites = ["TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"] as const;

const forwardSecretSuites = [
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
] as const;

/** Last in the server's order, so that only a client that offers nothing better gets one. */
const suitesOfOldProfiles = [
  "ECDHE-ECDSA-AES256-SHA384",
  "ECDHE-RSA-AES256-SHA384",
  "ECDHE-ECDSA-AES128-SHA256",
  "ECDHE-RSA-AES128-SHA256",
  "AES256-GCM-SHA384",
  "AES128-GCM-SHA256",
  // Mandatory for servers in the KMIP 1.x profiles: TLS_RSA_WITH_AES_256_CBC_SHA256 and its 128-bit sibling.
  "AES256-SHA256",
  "AES128-SHA256",
] as const;

/** What is left to clients of TLS 1.0 and 1.1. OpenSSL as Node.js has it knows neither 3DES nor RC4 any more. */
const suitesOfTls10 = [
  "ECDHE-ECDSA-AES256-SHA",
  "ECDHE-RSA-AES256-SHA",
  "ECDHE-ECDSA-AES128-SHA",
  "ECDHE-RSA-AES128-SHA",
  "AES256-SHA",
  "AES128-SHA",
] as const;

/**
 * The cipher suites of each profile, in the server's order of preference. Only `legacy` speaks TLS 1.0 and 1.1.
 *
 * - `modern`: TLS 1.3, and TLS 1.2 with forward secrecy and authenticated encryption.
 * - `legacy`: also TLS 1.0 and 1.1 with their CBC suites, SHA-1 in signatures and RSA keys below 2048 bits.
 * - `compatible`: also the CBC and RSA key exchange suites of TLS 1.2 that the KMIP 1.x profiles require and that old
 *   appliances are left with. The RSA ones need an RSA server certificate.
 */
export const tlsProfiles = {
  modern: [...tls13Suites, ...forwardSecretSuites],
  compatible: [...tls13Suites, ...forwardSecretSuites, ...suitesOfOldProfiles],
  legacy: [...tls13Suites, ...forwardSecretSuites, ...suitesOfOldProfiles, ...suitesOfTls10],
} as const;

/** A name in the table of TLS profiles. */
export type TlsProfile = keyof typeof tlsProfiles;

/**
 * The options of node:tls for these settings, tried once so that a mistake shows here and not at the first client.
 *
 * @throws TlsSettingsError when a certificate does not fit its key or a text cannot be read.
 */
export function secureContextOptions(settings: TlsSettings): SecureContextOptions {
  if (settings.certificates.length === 0) throw new TlsSettingsError("The listener has no server certificate");
  for (const certificate of settings.certificates) checkCertificate(certificate);
  const { profile = "compatible" } = settings;
  const isLegacy = profile === "legacy";
  const options: SecureContextOptions = {
    cert: settings.certificates.map(({ certificatePem }) => certificatePem),
    key: settings.certificates.map(({ privateKeyPem }) => privateKeyPem),
    // Never left undefined: node:tls would then trust the public authorities of the web.
    ca: [...settings.clientAuthorities],
    ...(settings.revocationLists?.length && { crl: [...settings.revocationLists] }),
    minVersion: isLegacy ? "TLSv1" : "TLSv1.2",
    maxVersion: "TLSv1.3",
    // Level 2 refuses SHA-1 signatures and RSA keys below 2048 bits, in the clients' certificates too. TLS 1.0 and 1.1
    // sign with nothing better than SHA-1 and need level 0.
    ciphers: `${tlsProfiles[profile].join(":")}:@SECLEVEL=${isLegacy ? 0 : 2}`,
    honorCipherOrder: true,
    // A resumed session would skip the check of the client's certificate; renegotiation serves attacks only.
    secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  };
  try {
    createSecureContext(options);
  } catch (error) {
    throw new TlsSettingsError(`The TLS settings cannot be used: ${messageOf(error)}`, { cause: error });
  }
  return options;
}

function checkCertificate({ certificatePem, privateKeyPem }: ServerCertificate): void {
  let certificate: X509Certificate;
  let fits: boolean;
  try {
    certificate = new X509Certificate(certificatePem);
    fits = certificate.checkPrivateKey(privateKeyFromPem(privateKeyPem));
  } catch (error) {
    throw new TlsSettingsError(`A server certificate or its key cannot be read: ${messageOf(error)}`, { cause: error });
  }
  if (!fits)
    throw new TlsSettingsError(`The private key does not belong to the server certificate ${certificate.subject}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
