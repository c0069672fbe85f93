import { sameSecret } from "#src/secrecy/same-secret.js";
import type { Operation } from "../../contract/operation.js";
import type { Call } from "../call.js";
import type { MechanismFlag } from "../constants.js";
import { type Mechanism, readMechanism } from "../mechanisms.js";
import { type Answer, Refusal, type Wording } from "../outcome.js";
import { type OutputRoom, ParameterWriter } from "../parameters.js";
import type { ActiveOperation, OperationKind, Session } from "../session.js";

/** How a kind of operation starts with a key. */
export interface Starting {
  readonly kind: OperationKind & MechanismFlag;
  /** The KMIP operation whose permission and checks of the key hold already at the start. */
  checkedBy(call: Call, mechanism: Mechanism, keyId: string): Promise<Operation>;
}

/** What gives the result of a kind of operation once all data are there. */
export interface Computing {
  readonly kind: OperationKind;
  compute(call: Call, operation: ActiveOperation, data: Buffer): Promise<Buffer>;
}

/** C_EncryptInit and its kin: the key is checked now, and again when it is used. */
export async function start(call: Call, kind: Starting): Promise<Answer> {
  const session = call.session();
  const mechanism = readMechanism(call.input, kind.kind);
  const keyId = call.object("KEY_HANDLE_INVALID");
  call.input.end();
  if (session.operations[kind.kind] !== undefined) throw new Refusal("OPERATION_ACTIVE");
  const checkedBy = await kind.checkedBy(call, mechanism, keyId);
  await call.perform({ ...checkedBy, run: async () => undefined }, { uniqueIdentifier: named(keyId) }, keyId);
  call.putOperation(session, kind.kind, { mechanism, keyId, parts: [], inParts: false });
  return { returnCode: "OK" };
}

/** How operations are told which object they are to work on. */
export function named(identifier: string): { readonly kind: "identifier"; readonly identifier: string } {
  return { kind: "identifier", identifier };
}

/** The operation a session is in the middle of. Throws Refusal where it is in none. */
export function activeOperation(session: Session, kind: OperationKind): ActiveOperation {
  const operation = session.operations[kind];
  if (operation === undefined) throw new Refusal("OPERATION_NOT_INITIALIZED");
  return operation;
}

/** All data at once, with the result. */
export async function whole(call: Call, kind: Computing): Promise<Answer> {
  const session = call.session();
  const data = Buffer.from(call.input.counted());
  const room = call.input.room();
  call.input.end();
  const operation = activeOperation(session, kind.kind);
  if (operation.inParts) throw new Refusal("OPERATION_ACTIVE");
  return finish(call, session, kind, operation, data, room);
}

/** Some of the data. The result comes with the last part: what goes out before it would be bytes nobody has checked. */
export async function part(call: Call, kind: OperationKind, options: { readonly answers: boolean }): Promise<Answer> {
  const session = call.session();
  const data = Buffer.from(call.input.counted());
  if (options.answers) call.input.room();
  call.input.end();
  const operation = activeOperation(session, kind);
  const parts = data.length === 0 ? operation.parts : [...operation.parts, data];
  call.putOperation(session, kind, { ...operation, parts, inParts: true, result: undefined });
  if (!options.answers) return { returnCode: "OK" };
  return { returnCode: "OK", output: new ParameterWriter().boolean(true).length(0).done() };
}

/** The result of the data that came in parts. */
export async function last(call: Call, kind: Computing): Promise<Answer> {
  const session = call.session();
  const room = call.input.room();
  call.input.end();
  const operation = activeOperation(session, kind.kind);
  return finish(call, session, kind, operation, Buffer.concat(operation.parts), room);
}

/**
 * The result, if the client has room for it; otherwise its length, and it is kept for the call that has: it is computed
 * once, however often its length is asked for (PKCS#11 3.0 §5.2).
 */
async function finish(
  call: Call,
  session: Session,
  kind: Computing,
  operation: ActiveOperation,
  data: Buffer,
  room: OutputRoom,
): Promise<Answer> {
  const { result } = operation;
  const kept = result !== undefined && sameSecret(result.input, data) ? result.output : undefined;
  const output = kept ?? (await kind.compute(call, operation, data));
  const fits = room.wanted && room.length >= output.length;
  call.putOperation(session, kind.kind, fits ? undefined : { ...operation, result: { input: data, output } });
  const written = new ParameterWriter().boolean(fits).length(output.length);
  if (fits) {
    written.bytes(output);
    eraseAfterwards(call, operation);
  }
  return { returnCode: room.wanted && !fits ? "BUFFER_TOO_SMALL" : "OK", output: written.done() };
}

/** What a session held of an operation that is over is zeroed, once nothing can take the end of it back. */
function eraseAfterwards(call: Call, { parts, result }: ActiveOperation): void {
  call.context.changes.afterCommit(async () => {
    for (const bytes of [...parts, ...(result === undefined ? [] : [result.input, result.output])]) bytes.fill(0);
  });
}

/** What a failure of data that were protected before is called. */
export const ofEncryptedData: Wording = { DATA_INVALID: "ENCRYPTED_DATA_INVALID" };
