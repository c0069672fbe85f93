import type { RequestHeader } from "#protocol/messages/header.js";
import type { ObjectNaming } from "#protocol/structures/unique-identifier.js";
import type { ProtocolVersion } from "#protocol/versions.js";
import type { Caller } from "#src/access/caller.js";
import type { Tickets } from "#src/access/tickets.js";
import type { Cryptography } from "#src/crypto/cryptography.js";
import type { Partition } from "#src/crypto/port.js";
import type { Authorities } from "#src/inventory/authorities.js";
import type { ChangeSet } from "#src/inventory/change-set.js";
import type { Inventory } from "#src/inventory/inventory.js";
import type { KeyKeeper } from "#src/inventory/key-keeper.js";
import type { KmipError } from "#src/objects/kmip-error.js";
import type { ManagedObject } from "#src/objects/managed-object.js";
import type { OpenStreams } from "../cryptography/open-streams.js";
import type { CryptokiInstances } from "../cryptoki/instances.js";
import type { AsynchronousRequests } from "./asynchronous-requests.js";
import type { Deployment } from "./deployment.js";
import type { ItemAnswer } from "./item-answer.js";
import type { ObjectRules, Operation } from "./operation.js";

/** The request message a batch item came in. */
export interface RequestContext {
  readonly version: ProtocolVersion;
  readonly header: RequestHeader;
  readonly caller: Caller;
  /** Why the client has not proven what its registration demands; undefined where it has, or nothing is demanded. */
  readonly attestationRefusal: KmipError | undefined;
  readonly sourceAddress: string;
  /** Names this request in the log, the audit and error answers. */
  readonly correlationId: string;
  /**
   * Has the client take the server role on its connection once it is answered (KMIP 2.1 §6.1.54); absent where it
   * cannot: over HTTPS, and in requests that are worked on later.
   */
  readonly reverse?: () => void;
  /** Has other requests go first while something takes long for which the server itself does nothing; absent where none wait. */
  readonly aside?: <T>(work: () => Promise<T>) => Promise<T>;
  /** When the request was read, in seconds since 1970, UTC: one moment for all its checks and dates. */
  readonly now: number;
}

/** What the pipeline hands to an operation. */
export interface OperationContext {
  readonly request: RequestContext;
  readonly version: ProtocolVersion;
  /** Seconds since 1970, UTC. */
  readonly now: number;
  readonly tenantId: string;
  /** The object the operation declared as its target, loaded and checked; reading it where none is declared throws. */
  readonly target: ManagedObject;
  /** A further object that the request names, found and checked like a target. Throws KmipError. */
  named(naming: ObjectNaming, rules: ObjectRules): Promise<ManagedObject>;
  /** Throws KmipError `PermissionDenied` for an object that `inventory` found and that is another credential's. */
  demandOwner(object: ManagedObject): Promise<void>;
  /** Whether an item before this one left something in the ID placeholder. */
  readonly hasPlaceholder: boolean;
  /** The tenant's partition of the HSM. */
  readonly partition: Partition;
  /** Cryptography with the tenant's keys: in the partition, or in software where that is allowed. */
  readonly cryptography: Cryptography;
  /** The operations over several requests that are under way. */
  readonly streams: OpenStreams;
  /** Stands for the batch item: the same object however often the item is tried. */
  readonly item: object;
  /** Makes, imports and removes keys in the partition so that no crash leaves one unaccounted for. */
  readonly keys: KeyKeeper;
  /** The tenant's objects, changes of this unit of work included. */
  readonly inventory: Inventory;
  /** The tenant's certification authority. */
  readonly authorities: Authorities;
  /** What this unit of work changes. */
  readonly changes: ChangeSet;
  /** Tickets that logins gave out. */
  readonly tickets: Tickets;
  /** What this server is and can do, for Query and for defaults. */
  readonly deployment: Deployment;
  /** What clients have between C_Initialize and C_Finalize of PKCS#11. */
  readonly cryptoki: CryptokiInstances;
  /**
   * Performs another operation for this item, through the same permission and the same checks of its object, in the
   * same unit of work: for what clients reach in more ways than one. Throws what the operation throws.
   */
  perform<Response>(operation: Operation, request: unknown): Promise<Response>;
  /** Puts words about this item into its audit record: names of what was done, never values of attributes or keys. */
  note(words: Readonly<Record<string, string>>): void;
  /** What the client has asked for asynchronously. */
  readonly asynchronous: AsynchronousRequests;
  /** Has the batch item answered in another way than by the success of this operation. */
  answerWith(answer: ItemAnswer): void;
}

/** Whether the caller's tenant takes part in interoperability tests, and so is not there for production. */
export function takesPartInTests({ deployment, request }: OperationContext): boolean {
  return deployment.interoperabilityTests || request.caller.settings.interoperabilityTests;
}
