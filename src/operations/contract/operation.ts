import type { Codec } from "#protocol/schema/codec.js";
import type { ObjectNaming } from "#protocol/structures/unique-identifier.js";
import type { VersionSpan } from "#protocol/versions.js";
import type { Caller } from "#src/access/caller.js";
import type { Permission } from "#src/access/permissions.js";
import type { OwnReasons, ReasonName } from "#src/objects/kmip-error.js";
import type { KeyUse } from "#src/objects/lifecycle.js";
import type { OperationContext } from "./context.js";
import type { Deployment } from "./deployment.js";

/** The identifiers an operation leaves for the items behind it. */
export interface PlaceholderValues {
  /**
   * What the ID placeholder holds afterwards: null empties it, undefined leaves it. Operations that make or find an
   * object set it and no others (KMIP 2.1 §6, "ID Placeholder").
   */
  readonly current?: string | null | undefined;
  /** Values of the Unique Identifier enumeration that from now on name an identifier (KMIP 2.1 §11.58). */
  readonly named?: ReadonlyMap<number, string>;
}

/** Everything that must hold of an object before an operation works on it. */
export interface ObjectRules {
  /** Object types the operation works on; undefined means all. */
  readonly objectTypes?: ReadonlySet<number>;
  /** The object may be destroyed: only reading attributes and revoking allow that. */
  readonly destroyedAllowed?: boolean;
  /** The object may be archived. */
  readonly archivedAllowed?: boolean;
  /**
   * The cryptographic use and the usage mask bits of which one must be set (KMIP 2.1 §4.17); `oneXReason` as in
   * KmipError.
   */
  readonly use?: { readonly kind: KeyUse; readonly mask: number; readonly oneXReason?: ReasonName };
}

/**
 * The managed object an operation works on, and everything that must hold before the operation sees it. The pipeline
 * loads and checks it; an operation cannot forget to.
 */
export interface Target<Request> extends ObjectRules {
  /** Where the request names the object; undefined in it means the ID placeholder (KMIP 2.1 §6, ID Placeholder). */
  naming(request: Request): ObjectNaming | undefined;
}

/** What one operation is: everything about it that anybody else needs to know, and the function that does it. */
export interface Operation<Request = unknown, Response = unknown> extends OwnReasons {
  /** Value of the Operation enumeration. */
  readonly code: number;
  /** Name as the specification spells it: "Create Key Pair". */
  readonly name: string;
  readonly versions: VersionSpan;
  readonly request: Codec<Request>;
  readonly response: Codec<Response>;
  readonly permission: Permission;
  /** Whether a caller has the operation at all; where it says no, Query does not list it. Absent: everybody has it. */
  isOffered?(caller: Caller, deployment: Deployment): boolean;
  /** Takes its data in parts over several requests as well (KMIP 2.1 §6.1, multi-part). */
  readonly inParts?: boolean;
  /** Undefined for operations on no existing object, or on objects they search for themselves. */
  readonly target?: Target<Request>;
  /**
   * Whether the client may have it performed asynchronously (KMIP 2.1 §9.2). Unset: where the client demands it (in 1.x,
   * where it allows it). `long`: also where it only allows it. `never`: it is about the connection, or about
   * asynchronous requests themselves.
   */
  readonly asynchrony?: "long" | "never";
  /** `impossible`: it cannot be taken back, so no batch that is to be undone as a whole may hold it (KMIP 2.1 §9.6). */
  readonly undo?: "impossible";
  /** The identifiers it leaves for later items of the batch. */
  placeholder?(response: Response): PlaceholderValues;
  /** The output that later items of the batch take as Data by this value of the Data enumeration (KMIP 2.1 §11.13). */
  readonly output?: { readonly reference: number; of(response: Response): Buffer | undefined };
  /**
   * Does it. `context.target` is the checked object where the operation has one. Changes go into
   * `context.changes` and become durable together with the audit record before the answer leaves.
   * Throws KmipError.
   */
  run(context: OperationContext, request: Request): Promise<Response>;
}

/** Declares an operation; the types of request and response follow from the codecs. */
export function defineOperation<Request, Response>(operation: Operation<Request, Response>): Operation {
  return operation as unknown as Operation;
}

/** What an operation leaves that makes or finds one object and has a value of the Unique Identifier enumeration. */
export function placeholderFor(name: number, identifier: string): PlaceholderValues {
  return { current: identifier, named: new Map([[name, identifier]]) };
}
