import type { ManagedObject } from "#src/objects/managed-object.js";
import type { OperationContext } from "../contract/context.js";
import type { Operation } from "../contract/operation.js";
import type { CryptokiInstance, Journal, SessionObject } from "./instance.js";
import { Refusal, type ReturnCodeName } from "./outcome.js";
import type { ParameterReader } from "./parameters.js";
import { type ActiveOperation, heldBytes, type OperationKind, type Session, withOperation } from "./session.js";

/** A change of state that is taken back when the work it is part of is, unless somebody has changed it since. */
export function journalOf({ changes }: OperationContext): Journal {
  const restore = <Key, Value>(
    map: Map<Key, Value>,
    key: Key,
    to: Value | undefined,
    from: Value | undefined,
  ): void => {
    changes.onDiscard(async () => {
      if (map.get(key) !== from) return;
      if (to === undefined) map.delete(key);
      else map.set(key, to);
    });
  };
  return {
    set(map, key, value) {
      restore(map, key, map.get(key), value);
      map.set(key, value);
    },
    delete(map, key) {
      restore(map, key, map.get(key), undefined);
      map.delete(key);
    },
  };
}

/** One call of a PKCS#11 function: what the functions work with. */
export class Call {
  readonly context: OperationContext;
  readonly instance: CryptokiInstance;
  readonly input: ParameterReader;
  private readonly journal: Journal;
  private readonly lent = new Set<string>();

  constructor(context: OperationContext, instance: CryptokiInstance, input: ParameterReader) {
    this.context = context;
    this.instance = instance;
    this.input = input;
    this.journal = journalOf(context);
  }

  /** Reads a session handle. Throws Refusal where it names no session of this instance. */
  session(): Session {
    const session = this.instance.sessions.get(this.input.handle());
    if (session === undefined) throw new Refusal("SESSION_HANDLE_INVALID");
    return session;
  }

  /** Opens a session. Throws Refusal where there are too many. */
  open(readWrite: boolean): bigint {
    const { sessions, limits } = this.instance;
    if (sessions.size >= limits.maximumSessions) throw new Refusal("SESSION_COUNT");
    const handle = this.instance.newHandle((taken) => sessions.has(taken));
    this.journal.set(sessions, handle, { handle, readWrite, operations: {} });
    return handle;
  }

  /** Closes a session; the objects it made go with it, and with the last session the login. */
  async close(handle: bigint): Promise<void> {
    const { sessions, sessionObjects, login } = this.instance;
    this.journal.delete(sessions, handle);
    for (const [id, { session }] of [...sessionObjects]) if (session === handle) await this.remove(id);
    if (sessions.size === 0) this.journal.delete(login, "user");
  }

  /** Replaces the value of a session. */
  put(session: Session): void {
    this.journal.set(this.instance.sessions, session.handle, session);
  }

  /** Sets or ends the operation of a kind. Throws Refusal where the instance would hold too many bytes. */
  putOperation(session: Session, kind: OperationKind, operation: ActiveOperation | undefined): void {
    this.put(withOperation(session, kind, operation));
    let held = 0;
    for (const each of this.instance.sessions.values()) held += heldBytes(each);
    if (held > this.instance.limits.maximumDataBytes) throw new Refusal("HOST_MEMORY");
  }

  /** Notes that the user has logged in, or out. */
  setLogin(loggedIn: boolean): void {
    if (loggedIn) this.journal.set(this.instance.login, "user", true);
    else this.journal.delete(this.instance.login, "user");
  }

  /** Reads an object handle: the identifier of the object, which operations then find. Throws Refusal. */
  object(otherwise: ReturnCodeName = "OBJECT_HANDLE_INVALID"): string {
    const id = this.instance.idOf(this.input.handle());
    if (id === undefined) throw new Refusal(otherwise);
    return id;
  }

  /** Performs a KMIP operation on objects of the tenant and of the instance alike, with all its checks. */
  perform<Response>(operation: Operation, request: unknown, ...ids: readonly string[]): Promise<Response> {
    for (const id of ids) this.lend(id);
    return this.context.perform<Response>(operation, request);
  }

  /** The object itself, or undefined where it is gone. */
  find(id: string): Promise<ManagedObject | undefined> {
    const own = this.instance.sessionObjects.get(id);
    return own === undefined ? this.context.inventory.find(id) : Promise.resolve(own.object);
  }

  /** Keeps an object that was just made as a session object instead of storing it. Throws Refusal. */
  keep(id: string, session: Session): void {
    const object = this.context.changes.withdraw(id);
    if (object === undefined) throw new TypeError("only an object that was just made becomes a session object");
    const { sessionObjects, limits } = this.instance;
    if (sessionObjects.size >= limits.maximumSessionObjects) throw new Refusal("DEVICE_MEMORY");
    this.journal.set(sessionObjects, id, { object, session: session.handle });
  }

  /** Takes a session object away; true where it was one. */
  async remove(id: string): Promise<boolean> {
    const own = this.instance.sessionObjects.get(id);
    if (own === undefined) return false;
    this.journal.delete(this.instance.sessionObjects, id);
    this.context.changes.reclaim(id);
    this.lent.delete(id);
    await this.context.keys.destroy(own.object);
    this.forget(id);
    return true;
  }

  /** Forgets the handle of an object once its end is durable. */
  forget(id: string): void {
    this.context.changes.afterCommit(async () => this.instance.forget(id));
  }

  /** Takes back what operations have made of the session objects they worked on. */
  settle(): void {
    for (const id of this.lent) {
      const object = this.context.changes.reclaim(id);
      const own = this.instance.sessionObjects.get(id);
      if (object === undefined || own === undefined || object === own.object) continue;
      this.journal.set<string, SessionObject>(this.instance.sessionObjects, id, { ...own, object });
    }
    this.lent.clear();
  }

  private lend(id: string): void {
    const own = this.instance.sessionObjects.get(id);
    if (own === undefined || this.lent.has(id)) return;
    this.lent.add(id);
    this.context.changes.lend(own.object);
  }
}
