import { attributes } from "#protocol/attributes/definitions.js";
import { ObjectType, State } from "#protocol/enums/index.js";
import type { AttributeSet } from "./attribute-set.js";

/** Object types without a State: only templates of 1.x (KMIP 1.4 §3.22, 2.1 §4.57). */
const stateless: ReadonlySet<number> = new Set([ObjectType.Template]);

/** Whether objects of a type go through the states of the life cycle. */
export function hasState(objectType: number): boolean {
  return !stateless.has(objectType);
}

/**
 * The state an object is in at a moment: dates that have come turn Pre-Active into Active and Active into Deactivated
 * without anybody asking (KMIP 2.1 §4.57, transitions 4 and 6). Undefined for objects without a state.
 */
export function stateAt(set: AttributeSet, seconds: number): number | undefined {
  const kept = set.get(attributes.state);
  if (kept !== State.PreActive && kept !== State.Active) return kept;
  const activation = set.get(attributes.activationDate);
  const deactivation = set.get(attributes.deactivationDate);
  const active = kept === State.Active || (activation !== undefined && activation <= seconds);
  if (!active) return kept;
  return deactivation !== undefined && deactivation <= seconds ? State.Deactivated : State.Active;
}

/** Ways of using a key that the dates and states tell apart (SP 800-57 part 1 §7.3). */
export type KeyUse =
  /** Applying protection: encrypt, sign, MAC, wrap, derive. */
  | "protect"
  /** Processing what was protected before: decrypt, verify, unwrap. */
  | "process";

/** States in which each use is allowed (KMIP 2.1 §4.57). */
export const useStates: Readonly<Record<KeyUse, ReadonlySet<number>>> = {
  protect: new Set([State.Active]),
  process: new Set([State.Active, State.Deactivated, State.Compromised]),
};

/**
 * Why a use is not allowed now, or undefined where it is. Process Start Date holds back processing and Protect Stop
 * Date ends protection while the object is active (KMIP 2.1 §4.40, §4.41).
 */
export function useRefusal(set: AttributeSet, use: KeyUse, seconds: number): string | undefined {
  const state = stateAt(set, seconds);
  if (state === undefined || !useStates[use].has(state)) return "the state of the key does not allow this use";
  if (use === "protect") {
    const stop = set.get(attributes.protectStopDate);
    if (stop !== undefined && stop <= seconds) return "the key's Protect Stop Date has passed";
    return undefined;
  }
  const start = set.get(attributes.processStartDate);
  if (start !== undefined && start > seconds) return "the key's Process Start Date has not come";
  return undefined;
}

/** States from which Destroy is allowed; from Active and later a key must be revoked first (KMIP 2.1 §6.1.16). */
export const destroyableStates: ReadonlySet<number> = new Set([State.PreActive, State.Deactivated, State.Compromised]);

/** Whether an object is destroyed, compromised or not. */
export function isDestroyed(state: number | undefined): boolean {
  return state === State.Destroyed || state === State.DestroyedCompromised;
}
