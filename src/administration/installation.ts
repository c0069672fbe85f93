import { randomInt, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { join } from "node:path";
import type { CertificateAuthority } from "#certs/authority.js";
import { createCertificateAuthority, issueServerCertificate } from "#certs/certificates.js";
import { privateKeyFromPem } from "#certs/key-reading.js";
import { createKeyPair, privateKeyPem } from "#certs/keys.js";
import type { Configuration } from "#src/config/configuration.js";
import type { HsmEngine } from "#src/crypto/pkcs11/engine.js";
import type { ModuleLocation } from "#src/crypto/pkcs11/messages.js";
import type { Partition, RootPartition } from "#src/crypto/port.js";
import { profileIn } from "./capability-profile.js";
import { makeFolder, readIfPresent, writeDurably } from "./files.js";
import { type HomeLayout, homeLayout } from "./layout.js";

/** The engine's name for the server's own partition. */
export const rootPartitionName = "root";

const authorityDays = 3650;
const serverCertificateDays = 825;
const pinDigits = 16;

/** What a step of the first run tells the operator. */
export type Progress = (message: string) => void;

/** A token as the data directory remembers it. */
interface RememberedToken {
  readonly label: string;
  readonly serial: string;
  /** Absent where the token is of somebody else's making. */
  readonly folder?: string;
}

/** A PIN no person has to type: decimal digits, which every token accepts. The caller zeroes it. */
export function randomPin(): Buffer {
  return Buffer.from(Array.from({ length: pinDigits }, () => randomInt(10)).join(""));
}

/** How a worker loads a PKCS#11 module: with the variables of the server's environment that the configuration names. */
export function moduleLocation(path: string, { hsm }: Pick<Configuration, "hsm">, parameters?: string): ModuleLocation {
  const named = hsm.environment.flatMap((name): [string, string][] => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return {
    path,
    environment: Object.fromEntries(named),
    ...(parameters === undefined ? {} : { parameters }),
    ...(hsm.profile === undefined ? {} : { profile: profileIn(hsm.profile) }),
  };
}

/** Where the PIN of the root partition comes from. Throws Error where it is not to be had. */
async function rootPin(configuration: Configuration): Promise<Buffer> {
  const { rootPin: source } = configuration.hsm;
  if (source.source === "environment") {
    const value = process.env[source.variable];
    if (value === undefined || value === "")
      throw new Error(`the variable ${source.variable} with the root PIN is empty`);
    return Buffer.from(value);
  }
  const content = await readIfPresent(source.file);
  if (content === undefined) throw new Error(`the file with the root PIN, ${source.file}, is not there`);
  return Buffer.from(content.toString("latin1").trim(), "latin1");
}

/**
 * Opens the server's root partition; on first run makes its PIN and its token. Each step leaves a file that says it is
 * done, written last, so that a first run that was cut off is taken up where it stopped:
 *  1. the PIN file is there: a crash now leaves a PIN without a token;
 *  2. the token is there: a crash now leaves a token nobody remembers, in a folder of its own that is not used again;
 *  3. root-partition.json names the token.
 */
export async function openRootPartition(
  configuration: Configuration,
  engine: HsmEngine,
  progress: Progress,
): Promise<RootPartition & Partition> {
  const layout = homeLayout(configuration.home);
  const remembered = await readIfPresent(layout.rootPartition);
  const { rootToken, module, moduleParameters } = configuration.hsm;
  const make = rootToken === undefined ? makeRootToken : bindRootToken;
  const token = remembered === undefined ? await make(configuration, engine, layout, progress) : parse(remembered);
  return engine.rootPartition({
    tenantId: rootPartitionName,
    module: moduleLocation(module, configuration, moduleParameters),
    ...(token.folder === undefined ? {} : { folder: join(configuration.hsm.directory, token.folder) }),
    tokenLabel: token.label,
    tokenSerial: token.serial,
    pin: () => rootPin(configuration),
  });
}

function parse(content: Buffer): RememberedToken {
  return JSON.parse(content.toString("utf8")) as RememberedToken;
}

async function makeRootToken(
  configuration: Configuration,
  engine: HsmEngine,
  layout: HomeLayout,
  progress: Progress,
): Promise<RememberedToken> {
  const { rootPin: source, directory, module } = configuration.hsm;
  if (source.source === "file" && (await readIfPresent(source.file)) === undefined) {
    await writeDurably(source.file, randomPin());
  }
  progress("making the root partition");
  await makeFolder(directory);
  const folder = `root-${Date.now().toString(36)}`;
  const userPin = await rootPin(configuration);
  const securityOfficerPin = randomPin();
  const name = await engine.initialiseToken({
    module: moduleLocation(module, configuration),
    folder: join(directory, folder),
    label: "keyreeve-root",
    userPin,
    securityOfficerPin,
    root: true,
  });
  userPin.fill(0);
  securityOfficerPin.fill(0);
  const token: RememberedToken = { label: name.label, serial: name.serial, folder };
  await writeDurably(layout.rootPartition, JSON.stringify(token));
  return token;
}

/** Binds the server's own partition to the token that the configuration names, and makes its keys where they are missing. */
async function bindRootToken(
  configuration: Configuration,
  engine: HsmEngine,
  layout: HomeLayout,
  progress: Progress,
): Promise<RememberedToken> {
  const { rootToken, module, moduleParameters } = configuration.hsm;
  progress(`binding the root partition to the token "${rootToken?.label}"`);
  const { label, serial } = await engine.bindToken({
    module: moduleLocation(module, configuration, moduleParameters),
    tokenLabel: rootToken?.label ?? "",
    tokenSerial: rootToken?.serial ?? "",
    pin: () => rootPin(configuration),
    root: true,
  });
  const token: RememberedToken = { label, serial };
  await writeDurably(layout.rootPartition, JSON.stringify(token));
  return token;
}

/** The server's two authorities: one for servers and clients, one for operators. */
export interface Authorities {
  readonly clients: CertificateAuthority;
  readonly operators: CertificateAuthority;
}

/** Opens the authorities, making them on first run. Their private keys rest on disk sealed by the root partition. */
export async function openAuthorities(home: string, root: RootPartition, progress: Progress): Promise<Authorities> {
  const layout = homeLayout(home);
  const open = async (commonName: string, certificateFile: string, keyFile: string): Promise<CertificateAuthority> => {
    const certificatePem = await readIfPresent(certificateFile);
    const sealed = await readIfPresent(keyFile);
    if (certificatePem !== undefined && sealed !== undefined) {
      const key = await root.unseal(sealed, sealContext(commonName));
      return { certificatePem: certificatePem.toString("utf8"), privateKeyPem: key.toString("utf8") };
    }
    progress(`making the authority "${commonName}"`);
    const made = await createCertificateAuthority({ commonName, validityDays: authorityDays });
    await writeDurably(keyFile, await root.seal(Buffer.from(made.privateKeyPem), sealContext(commonName)));
    await writeDurably(certificateFile, made.certificatePem);
    return made;
  };
  return {
    clients: await open("Keyreeve CA", layout.authorityCertificate, layout.sealedAuthorityKey),
    operators: await open(
      "Keyreeve Operators CA",
      layout.operatorAuthorityCertificate,
      layout.sealedOperatorAuthorityKey,
    ),
  };
}

function sealContext(commonName: string): string {
  return `authority key: ${commonName}`;
}

/** A certificate with less time left is replaced at start. */
const renewalMilliseconds = 30 * 24 * 60 * 60 * 1000;

/** Whether a certificate belongs to its key, holds all the server's names, and is valid for a while yet. */
function serves(certificatePem: Buffer, keyPem: Buffer | undefined, names: readonly string[]): boolean {
  if (keyPem === undefined) return false;
  const certificate = new X509Certificate(certificatePem);
  if (!certificate.checkPrivateKey(privateKeyFromPem(keyPem))) return false;
  if (new Date(certificate.validTo).getTime() - Date.now() < renewalMilliseconds) return false;
  return names.every((name) =>
    isIP(name) === 0 ? certificate.checkHost(name) !== undefined : certificate.checkIP(name) !== undefined,
  );
}

/**
 * Makes the server's EC and RSA certificates where they are missing, do not hold the server's present names, or are
 * about to expire: EC first choice, RSA for old suites. A crash between key and certificate is seen by their not fitting.
 */
export async function ensureServerCertificates(
  home: string,
  authorities: Authorities,
  names: readonly string[],
  progress: Progress,
): Promise<void> {
  const layout = homeLayout(home);
  const kinds = [
    ["ec", "ec-p256"],
    ["rsa", "rsa-3072"],
  ] as const;
  for (const [kind, keyKind] of kinds) {
    const present = await readIfPresent(layout.serverCertificate(kind));
    if (present !== undefined && serves(present, await readIfPresent(layout.serverKey(kind)), names)) continue;
    progress(`making the ${kind === "ec" ? "EC" : "RSA"} server certificate`);
    const { publicKey, privateKey } = await createKeyPair(keyKind);
    const certificatePem = issueServerCertificate({
      ca: authorities.clients,
      publicKey,
      names,
      commonName: names[0] ?? "keyreeve",
      validityDays: serverCertificateDays,
    });
    await writeDurably(layout.serverKey(kind), privateKeyPem(privateKey));
    await writeDurably(layout.serverCertificate(kind), certificatePem);
  }
}
