import type { KeyObject } from "node:crypto";
import type { Extension } from "#certs/certificate-fields.js";
import type { KeyUsage } from "#certs/extensions.js";
import { checkCertifiable, type EndEntity } from "#certs/issue.js";
import { requestedExtensions } from "#certs/requested-extensions.js";
import { checkedName, isEmptyName, nameOfParts } from "#certs/subject-names.js";
import { CryptographicUsageMask } from "#protocol/enums/index.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { orRefuse } from "./refusal.js";
import type { SubjectWishes } from "./wishes.js";

/** A source of what a certificate says: a certificate request, or the certificate that is renewed. */
export interface Source {
  /** Name, DER. */
  readonly subject: Buffer;
  readonly extensions: readonly Extension[];
}

/** Everything that the content of a certificate is put together from. */
export interface ContentSources {
  readonly publicKey: KeyObject;
  /** Cryptographic Usage Mask of the Public Key object, or undefined where there is none. */
  readonly usageMask: number | undefined;
  readonly request: Source | undefined;
  readonly wishes: SubjectWishes;
  readonly former: Source | undefined;
  /** The common name of a subject that nobody names. */
  readonly fallbackName: string;
}

/** The content of a certificate, its validity apart. */
export type Content = Omit<EndEntity, "validity">;

/**
 * Puts together what a certificate says. The certificate request stands above the attributes of the request, as
 * KMIP 2.1 §6.1.6 has it, and these above the certificate that is renewed. Throws KmipError.
 */
export async function contentFrom(sources: ContentSources): Promise<Content> {
  const { publicKey, wishes } = sources;
  await orRefuse(sources.request === undefined ? "PermissionDenied" : "InvalidCSR", () => checkCertifiable(publicKey));
  const asked = await extensionsOf(sources.request, "InvalidCSR");
  const former = await extensionsOf(sources.former, "PermissionDenied");
  const alternativeNames = [asked?.alternativeNames, wishes.alternativeNames, former?.alternativeNames];
  return {
    publicKey,
    subject: await subjectOf(sources, (asked?.alternativeNames.length ?? 0) > 0),
    alternativeNames: alternativeNames.find((names) => names !== undefined && names.length > 0) ?? [],
    uses: asked?.uses ?? former?.uses ?? usesOf(publicKey, sources.usageMask),
    extendedUses: asked?.extendedUses ?? former?.extendedUses,
  };
}

async function extensionsOf(
  source: Source | undefined,
  reason: "InvalidCSR" | "PermissionDenied",
): Promise<ReturnType<typeof requestedExtensions> | undefined> {
  if (source === undefined) return undefined;
  const read = await orRefuse(reason, () => requestedExtensions(source.extensions));
  if (read.isAuthority) throw new KmipError("PermissionDenied", "only end entities are certified here, no authorities");
  return read;
}

/** The subject: of the request unless empty, of the attributes, of the former certificate, or the fallback. */
async function subjectOf(sources: ContentSources, alternativesInRequest: boolean): Promise<Buffer> {
  const { request, wishes, former, fallbackName } = sources;
  if (request !== undefined && !isEmptyName(request.subject)) {
    return orRefuse("InvalidCSR", () => checkedName(request.subject));
  }
  const named = wishes.name ?? former?.subject;
  if (named !== undefined) return named;
  if (alternativesInRequest || wishes.alternativeNames.length > 0) return nameOfParts([]);
  return orRefuse("InvalidAttributeValue", () => nameOfParts([["CN", [...fallbackName].slice(0, 64).join("")]]));
}

/** Uses in the certificate by bits of the Cryptographic Usage Mask of the public key (RFC 5280 §4.2.1.3). */
const usesByMask: readonly (readonly [mask: number, use: KeyUsage])[] = [
  [CryptographicUsageMask.Verify, "digitalSignature"],
  [CryptographicUsageMask.ContentCommitment, "nonRepudiation"],
  [CryptographicUsageMask.WrapKey, "keyEncipherment"],
  [CryptographicUsageMask.Encrypt, "dataEncipherment"],
  [CryptographicUsageMask.KeyAgreement, "keyAgreement"],
];

/** What keys of a type can be used for: encipherment is for RSA, agreement for curves. */
const impossible: Readonly<Record<string, ReadonlySet<KeyUsage>>> = {
  rsa: new Set(["keyAgreement"]),
  ec: new Set(["keyEncipherment", "dataEncipherment"]),
};
const onlySigning: ReadonlySet<KeyUsage> = new Set(["keyEncipherment", "dataEncipherment", "keyAgreement"]);

function usesOf({ asymmetricKeyType }: KeyObject, mask: number | undefined): readonly KeyUsage[] {
  const excluded = impossible[asymmetricKeyType ?? "unknown"] ?? onlySigning;
  const uses = usesByMask.flatMap(([bit, use]) => (((mask ?? 0) & bit) === 0 || excluded.has(use) ? [] : [use]));
  return uses.length === 0 ? ["digitalSignature"] : uses;
}
