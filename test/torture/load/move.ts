/** What a move of a load client is: when it fits, its request, and how its answer is judged. */
import { createHash } from "node:crypto";
import { attributes } from "#protocol/attributes/definitions.js";
import type { AttributeInstance } from "#protocol/attributes/instance.js";
import type { StoredCustody } from "#storage/types.js";
import type { SeededRandom } from "#test/fuzz/random.js";
import { instance } from "#test/support/kmip-actions.js";
import { named } from "#test/support/kmip-client-messages.js";
import type { Given, Got, KeyFacts } from "./key-facts.js";

/** How every key begins that load clients register, so that it is known where it must not be. */
export const loadMarker = Buffer.from("\u0001LOAD-KEY-MARK");

/** What a move is made of. */
export interface Position {
  readonly tenant: string;
  readonly custody: StoredCustody;
  /** The Name of the key. */
  readonly key: string;
  /** Null where the move makes the key. */
  readonly facts: KeyFacts | null;
  readonly random: SeededRandom;
  /** Unique among the values of the client. */
  readonly count: number;
  /** A Unique Identifier of another tenant; undefined where none is known. */
  readonly foreignId: string | undefined;
}

/** A request of a move. */
export interface Asking {
  readonly payload: unknown;
  readonly given: Given;
}

/** What an answer told, and what was wrong with it. */
export interface Reading {
  readonly got: Got;
  readonly wrong?: string | undefined;
}

/** A kind of request that load clients make. */
export interface Move {
  readonly operation: number;
  /** As the audit trail names the operation. */
  readonly title: string;
  /** How often it is chosen, against the others that fit. */
  readonly weight: number;
  fits(position: Position): boolean;
  ask(position: Position): Asking;
  /** Judges the payload of an answer. */
  read(payload: unknown, position: Position): Reading;
  /** What is wrong where the server acknowledged it; absent where it may. */
  readonly never?: string;
}

/** A payload as its fields. */
export type Payload = Readonly<Record<string, unknown>>;

/** What a key of a tenant encrypts, so that an answer that belongs to another is seen. */
export function plaintextOf(tenant: string, key: string): Buffer {
  return Buffer.from(`plaintext of ${key} in ${tenant}`);
}

/** The Name of the public half of a pair. */
export function publicNameOf(key: string): string {
  return `${key} public`;
}

/** How the request names the key. */
export function idOf({ facts }: Position): { readonly uniqueIdentifier: unknown } {
  return { uniqueIdentifier: named(facts?.id ?? "") };
}

/** Whether the key is known by its identifier, and in one of the states. */
export function inState(...states: readonly number[]) {
  return ({ facts }: Position): boolean => facts?.id !== undefined && states.includes(facts.state);
}

/** Whether it is a symmetric key. */
export function isSymmetric(position: Position): boolean {
  return position.facts?.kind === "symmetric";
}

/** The fields of an answer. */
export function told(payload: unknown): Payload {
  return payload as Payload;
}

/** The answer must name the object that was asked for. */
export function sameObject(payload: unknown, { facts }: Position): Reading {
  const { uniqueIdentifier } = told(payload);
  const wrong = uniqueIdentifier === facts?.id ? undefined : `the answer is about ${uniqueIdentifier}`;
  return { got: {}, wrong };
}

/** The label and the group of a new key: the label names the tenant, the group is the same in all tenants. */
export function labelled({ tenant, count }: Position): { given: Given; list: readonly AttributeInstance[] } {
  const given = { label: `${tenant} ${count}`, group: "load" };
  const list = [instance(attributes.contactInformation, given.label), instance(attributes.objectGroup, given.group)];
  return { given, list };
}

/** SHA-256 in hexadecimal digits. */
export function digestOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
