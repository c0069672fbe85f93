import type { Codec } from "#protocol/schema/codec.js";
import type { VersionSpan } from "#protocol/versions.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import type { OperationContext } from "../contract/context.js";
import type { ObjectRules } from "../contract/operation.js";

/** What one operation from the server to a client is (KMIP 2.1 §6.2), and the function that makes its request. */
export interface ClientOperation<Detail = unknown, Request = unknown> {
  /** Value of the Operation enumeration. */
  readonly code: number;
  /** Name as the specification spells it. */
  readonly name: string;
  readonly versions: VersionSpan;
  readonly request: Codec<Request>;
  readonly response: Codec<unknown>;
  /** What must hold of the object. */
  readonly rules: ObjectRules;
  /** The payload of the request about an object as it is now. Throws KmipError and CryptoError. */
  compose(context: OperationContext, object: ManagedObject, detail: Detail): Promise<Request>;
}

/** Declares an operation from the server to a client; the types follow from the codecs. */
export function defineClientOperation<Detail, Request>(operation: ClientOperation<Detail, Request>): ClientOperation {
  return operation as unknown as ClientOperation;
}
