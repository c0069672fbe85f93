import type { Mechanism } from "./mechanisms.js";
import type { Template } from "./templates.js";

/** A cryptographic operation a session is in the middle of. */
export interface ActiveOperation {
  readonly mechanism: Mechanism;
  /** The key, by the identifier of its object; undefined for digests. */
  readonly keyId: string | undefined;
  /** What came in parts so far. */
  readonly parts: readonly Buffer[];
  /** Whether the data come in parts: then they may not come whole any more. */
  readonly inParts: boolean;
  /** What was computed and did not fit into the client's buffer, or had its length asked for; with what it was of. */
  readonly result?: { readonly input: Buffer; readonly output: Buffer } | undefined;
}

/** A search a session is in the middle of. */
export interface ActiveSearch {
  /** Identifiers of objects that are still to be looked at. */
  readonly candidates: readonly string[];
  /** How many of the candidates were looked at. */
  readonly position: number;
  readonly template: Template;
}

/** The kinds of operation of which a session can have one each at a time. */
export type OperationKind = "encrypt" | "decrypt" | "digest" | "sign" | "verify";

/** A session of a client: a value, replaced as a whole when it changes. */
export interface Session {
  readonly handle: bigint;
  readonly readWrite: boolean;
  readonly operations: Readonly<Partial<Record<OperationKind, ActiveOperation>>>;
  readonly search?: ActiveSearch | undefined;
}

/** Bytes of clients' data a session holds. */
export function heldBytes({ operations }: Session): number {
  let sum = 0;
  for (const operation of Object.values(operations)) {
    for (const part of operation.parts) sum += part.length;
    if (operation.result !== undefined) sum += operation.result.input.length + operation.result.output.length;
  }
  return sum;
}

/** The session with another operation of a kind, or with none. */
export function withOperation(session: Session, kind: OperationKind, operation: ActiveOperation | undefined): Session {
  const { [kind]: _before, ...others } = session.operations;
  return { ...session, operations: operation === undefined ? others : { ...others, [kind]: operation } };
}
