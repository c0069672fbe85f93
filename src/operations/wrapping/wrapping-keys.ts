import { isDeepStrictEqual } from "node:util";
import { attributes } from "#protocol/attributes/definitions.js";
import { CryptographicUsageMask, LinkType, ObjectType } from "#protocol/enums/index.js";
import type { CryptographicParameters } from "#protocol/structures/cryptographic-parameters.js";
import { V2_0 } from "#protocol/versions.js";
import { KmipError } from "#src/objects/kmip-error.js";
import { isDestroyed, type KeyUse, stateAt, useRefusal } from "#src/objects/lifecycle.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import type { OperationContext } from "../contract/context.js";
import { linkOf } from "../making/links.js";

/** What a key does where a Key Value is wrapped or unwrapped. */
export type WrappingRole = "encrypt" | "decrypt" | "authenticate" | "verify";

interface RoleRules {
  readonly use: KeyUse;
  /** Usage mask bit that a symmetric key needs, and the one that the half of a pair needs. */
  readonly symmetricMask: number;
  readonly pairMask: number;
  readonly half: number;
  /** How the other half, by which the key may be named as well, links to it (KMIP 2.1 §3.3). */
  readonly link: number;
}

const roles: Readonly<Record<WrappingRole, RoleRules>> = {
  encrypt: {
    use: "protect",
    symmetricMask: CryptographicUsageMask.WrapKey,
    pairMask: CryptographicUsageMask.WrapKey,
    half: ObjectType.PublicKey,
    link: LinkType.PublicKeyLink,
  },
  decrypt: {
    use: "process",
    symmetricMask: CryptographicUsageMask.UnwrapKey,
    pairMask: CryptographicUsageMask.UnwrapKey,
    half: ObjectType.PrivateKey,
    link: LinkType.PrivateKeyLink,
  },
  authenticate: {
    use: "protect",
    symmetricMask: CryptographicUsageMask.MACGenerate,
    pairMask: CryptographicUsageMask.Sign,
    half: ObjectType.PrivateKey,
    link: LinkType.PrivateKeyLink,
  },
  verify: {
    use: "process",
    symmetricMask: CryptographicUsageMask.MACVerify,
    pairMask: CryptographicUsageMask.Verify,
    half: ObjectType.PublicKey,
    link: LinkType.PublicKeyLink,
  },
};

/**
 * The key that Encryption or MAC/Signature Key Information names, found and checked for what it is to do (KMIP 2.1 §3.3,
 * §7.18). Throws KmipError.
 */
export async function findWrappingKey(
  context: OperationContext,
  identifier: string,
  role: WrappingRole,
): Promise<ManagedObject> {
  const named = await find(context, identifier);
  const { half, link, use, symmetricMask, pairMask } = roles[role];
  const isSymmetric = named.objectType === ObjectType.SymmetricKey;
  if (!isSymmetric && named.objectType !== ObjectType.PublicKey && named.objectType !== ObjectType.PrivateKey) {
    throw new KmipError("InvalidObjectType", "the wrapping object is no key", { oneXReason: "IllegalOperation" });
  }
  const key = isSymmetric || named.objectType === half ? named : await find(context, linkOf(named, link));
  const mask = key.attributes.get(attributes.cryptographicUsageMask) ?? 0;
  if ((mask & (isSymmetric ? symmetricMask : pairMask)) === 0) {
    throw new KmipError("IncompatibleCryptographicUsageMask", "the wrapping key's usage mask does not allow this");
  }
  const refusal = useRefusal(key.attributes, use, context.now);
  if (refusal !== undefined) throw new KmipError("WrongKeyLifecycleState", refusal);
  return key;
}

async function find(
  { inventory, now, demandOwner }: OperationContext,
  identifier: string | undefined,
): Promise<ManagedObject> {
  const key = identifier === undefined ? undefined : await inventory.find(identifier);
  if (key === undefined) throw new KmipError("WrappingObjectNotFound", "there is no such wrapping key");
  if (isDestroyed(stateAt(key.attributes, now))) {
    throw new KmipError("WrappingObjectDestroyed", "the wrapping key is destroyed");
  }
  if (key.attributes.get(attributes.archiveDate) !== undefined) {
    throw new KmipError("WrappingObjectArchived", "the wrapping key is archived");
  }
  await demandOwner(key);
  return key;
}

/**
 * The Cryptographic Parameters to wrap with: given ones must match an instance of the key's own, which completes them;
 * else the key's first (KMIP 2.1 §7.18). A key that has none is used as is asked, since real clients set none on their
 * wrapping keys. Throws KmipError where nothing matches; and before 2.0 also where there are none at all.
 */
export function wrappingParameters(
  { version }: OperationContext,
  key: ManagedObject,
  given: CryptographicParameters | undefined,
): CryptographicParameters {
  const own = key.attributes.values(attributes.cryptographicParameters);
  const matching = own.find((instance) => matches(given ?? {}, instance));
  if (matching !== undefined) return matching;
  if (own.length === 0 && (given !== undefined || version >= V2_0)) return given ?? {};
  const message = "the wrapping key does not have these Cryptographic Parameters";
  throw new KmipError("BadCryptographicParameters", message, { oneXReason: "ItemNotFound" });
}

function matches(given: CryptographicParameters, instance: CryptographicParameters): boolean {
  return Object.entries(given).every(
    ([name, value]) => value === undefined || isDeepStrictEqual(value, instance[name as keyof CryptographicParameters]),
  );
}

/** The Cryptographic Parameters as they are given, else the first of the key. */
export function wrappedParameters(
  key: ManagedObject,
  given: CryptographicParameters | undefined,
): CryptographicParameters {
  return given ?? key.attributes.values(attributes.cryptographicParameters)[0] ?? {};
}
