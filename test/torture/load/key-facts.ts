/** What a client knows of a key it made, and what each of its requests changes in that. Pure. */
import { State } from "#protocol/enums/index.js";

/** What a load client asks for; the table of moves says by which operation. */
export type MoveName =
  | "create"
  | "register"
  | "createPair"
  | "activate"
  | "get"
  | "encrypt"
  | "decrypt"
  | "sign"
  | "relabel"
  | "addGroup"
  | "revoke"
  | "compromise"
  | "destroy"
  | "reKey"
  | "locate"
  | "look"
  | "trespass";

/** What stands in a request that its answer does not repeat. */
export interface Given {
  readonly kind?: KeyKind;
  /** SHA-256 of the key that is registered, in hexadecimal digits. */
  readonly digest?: string;
  /** Contact Information that the key has from then on. */
  readonly label?: string;
  /** Object Group that the key has from then on. */
  readonly group?: string;
}

/** What an answer told. */
export interface Got {
  readonly id?: string;
  /** The public key's Unique Identifier, where a pair was made. */
  readonly publicId?: string;
  /** SHA-256 of the key that was got, in hexadecimal digits. */
  readonly digest?: string;
  /** The public key, SubjectPublicKeyInfo in base64. */
  readonly publicKey?: string;
  readonly sealed?: Sealed;
}

/** What a key encrypted with AES-GCM, in base64. */
export interface Sealed {
  readonly iv: string;
  readonly data: string;
  readonly tag: string;
}

export type KeyKind = "symmetric" | "pair";

/** A key as it must be. */
export interface KeyFacts {
  readonly kind: KeyKind;
  /** Undefined where the answer that told it was lost. Of a pair, the private key's. */
  readonly id: string | undefined;
  readonly publicId: string | undefined;
  readonly state: number;
  readonly label: string;
  readonly groups: readonly string[];
  readonly digest?: string | undefined;
  readonly publicKey?: string | undefined;
  readonly sealed?: Sealed | undefined;
  /** The keys it was re-keyed from, which have lost its name and keep their state. */
  readonly former: readonly Former[];
}

/** A key that was replaced. */
export interface Former {
  readonly id: string;
  readonly state: number;
  readonly sealed?: Sealed | undefined;
}

/** Moves that make a key. */
export const makingMoves: ReadonlySet<MoveName> = new Set(["create", "register", "createPair"]);

/** Moves that change a key, so that the key shows whether they were done. */
export const changingMoves: ReadonlySet<MoveName> = new Set([
  ...makingMoves,
  "activate",
  "relabel",
  "addGroup",
  "revoke",
  "compromise",
  "destroy",
  "reKey",
]);

/** Whether a key is destroyed, compromised or not. */
export function isGone(state: number): boolean {
  return state === State.Destroyed || state === State.DestroyedCompromised;
}

/** The key after a move that was done. Throws RangeError where the move needs a key and there is none. */
export function after(facts: KeyFacts | null, move: MoveName, given: Given, got: Got): KeyFacts {
  if (makingMoves.has(move)) return made(given, got);
  if (facts === null) throw new RangeError(`${move} without a key`);
  switch (move) {
    case "activate":
      return { ...facts, state: State.Active };
    case "revoke":
      return { ...facts, state: State.Deactivated };
    case "compromise":
      return { ...facts, state: State.Compromised };
    case "destroy":
      return { ...facts, state: facts.state === State.Compromised ? State.DestroyedCompromised : State.Destroyed };
    case "relabel":
      return { ...facts, label: given.label ?? facts.label };
    case "addGroup":
      return { ...facts, groups: [...facts.groups, ...(given.group === undefined ? [] : [given.group])] };
    case "reKey":
      return replaced(facts, got);
    default:
      return { ...facts, ...got, id: facts.id, publicId: facts.publicId };
  }
}

function made({ kind = "symmetric", digest, label = "", group }: Given, { id, publicId }: Got): KeyFacts {
  const groups = group === undefined ? [] : [group];
  return { kind, id, publicId, state: State.PreActive, label, groups, digest, former: [] };
}

function replaced(facts: KeyFacts, { id }: Got): KeyFacts {
  const { kind, publicId, state, label, groups, sealed } = facts;
  const former = [...facts.former, ...(facts.id === undefined ? [] : [{ id: facts.id, state, sealed }])];
  return { kind, id, publicId, state, label, groups, former };
}
