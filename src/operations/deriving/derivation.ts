import { ObjectType } from "#protocol/enums/index.js";
import type { DerivationParameters } from "#protocol/structures/derivation-parameters.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import type { OperationContext } from "../contract/context.js";
import { withPlaintext } from "../cryptography/process-memory.js";

/** What is to be derived, and from what. */
export interface Derivation {
  readonly context: OperationContext;
  /** The objects that the request names, checked, in its order. */
  readonly bases: readonly ManagedObject[];
  readonly parameters: DerivationParameters;
  /** Bytes. */
  readonly length: number;
}

/** The error for Derivation Parameters that a method does not take. */
export function badDerivation(message: string): KmipError {
  return new KmipError("InvalidField", message);
}

/** The one object that a method derives from, which may be a Symmetric Key or Secret Data. Throws KmipError. */
export function onlyBase({ bases }: Derivation): ManagedObject {
  const [base] = bases;
  if (base === undefined || bases.length > 1) throw badDerivation("this Derivation Method derives from one object");
  return demandSecret(base);
}

function demandSecret(base: ManagedObject): ManagedObject {
  if (base.objectType === ObjectType.SymmetricKey || base.objectType === ObjectType.SecretData) return base;
  throw new KmipError("InvalidObjectType", "this Derivation Method derives from symmetric keys and secret data");
}

/** Derivation Data that a method takes at most once; undefined where there are none. Throws KmipError. */
export function singleData({ parameters }: Derivation): Buffer | undefined {
  const [data] = parameters.derivationData;
  if (parameters.derivationData.length > 1) throw badDerivation("this Derivation Method takes one Derivation Data");
  return data;
}

/** Throws KmipError where Derivation Data stand beside the Secret Data or the key that a method derives from alone. */
export function refuseData(derivation: Derivation): void {
  if (derivation.parameters.derivationData.length === 0) return;
  const [base] = derivation.bases;
  if (base?.objectType === ObjectType.SecretData) throw ambiguous();
  throw badDerivation("this Derivation Method derives from the key alone");
}

/** Derivation data come from the request or from Secret Data, never from both (KMIP 2.1 §7.12, 1.4 §11.7). */
function ambiguous(): KmipError {
  return new KmipError("InvalidMessage", "there are both Derivation Data and a Secret Data object");
}

/** The key that a method derives with; with a second object, Secret Data, in the place of the Derivation Data. */
export interface KeyAndData {
  readonly key: ManagedObject;
  /** Runs with the derivation data, which are zeroed afterwards where they come from an object. */
  withData<Result>(run: (data: Buffer) => Promise<Result>): Promise<Result>;
}

/** The key and the data of a method that takes both. Throws KmipError. */
export function keyAndData(derivation: Derivation): KeyAndData {
  const { bases, context } = derivation;
  const given = singleData(derivation);
  const [first, second] = bases.map(demandSecret);
  if (first === undefined || bases.length > 2) throw badDerivation("one key and one Secret Data object at most");
  if (second === undefined) {
    if (given === undefined) throw badDerivation("this Derivation Method needs Derivation Data");
    return { key: first, withData: (run) => run(given) };
  }
  const isData = ({ objectType }: ManagedObject): boolean => objectType === ObjectType.SecretData;
  const data = isData(second) ? second : first;
  if (!isData(data)) throw badDerivation("the second object is to be Secret Data");
  if (given !== undefined) throw ambiguous();
  return { key: data === second ? first : second, withData: (run) => withPlaintext(context, data, run) };
}
