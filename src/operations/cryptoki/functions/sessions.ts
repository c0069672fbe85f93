import type { Call } from "../call.js";
import { SessionFlag, SessionState, UserKind } from "../constants.js";
import { type Answer, ok, Refusal } from "../outcome.js";
import { ParameterWriter } from "../parameters.js";
import type { OperationKind, Session } from "../session.js";
import { demandSlot, slotId } from "./slots.js";

/** C_OpenSession. The application pointer and the callback do not travel. */
export async function openSession(call: Call): Promise<Answer> {
  demandSlot(call);
  const flags = call.input.ulong();
  call.input.skipNullPointers();
  if ((flags & SessionFlag.serial) === 0) throw new Refusal("SESSION_PARALLEL_NOT_SUPPORTED");
  const handle = call.open((flags & SessionFlag.readWrite) !== 0);
  return ok(new ParameterWriter().ulong(handle).done());
}

/** C_CloseSession. */
export async function closeSession(call: Call): Promise<Answer> {
  const { handle } = call.session();
  call.input.end();
  await call.close(handle);
  return ok();
}

/** C_CloseAllSessions. */
export async function closeAllSessions(call: Call): Promise<Answer> {
  demandSlot(call);
  call.input.end();
  for (const handle of [...call.instance.sessions.keys()]) await call.close(handle);
  return ok();
}

/** C_GetSessionInfo. */
export async function getSessionInfo(call: Call): Promise<Answer> {
  const session = call.session();
  call.input.end();
  const output = new ParameterWriter()
    .ulong(slotId)
    .ulong(stateOf(call, session))
    .ulong(SessionFlag.serial | (session.readWrite ? SessionFlag.readWrite : 0))
    .ulong(0);
  return ok(output.done());
}

function stateOf({ instance }: Call, { readWrite }: Session): number {
  const isUser = instance.login.has("user");
  if (readWrite) return isUser ? SessionState.writeUser : SessionState.writePublic;
  return isUser ? SessionState.readUser : SessionState.readPublic;
}

/**
 * C_Login. The client's certificate has said who it is, and the module never hears of this: a PIN is passed over, the
 * state of the sessions changes. There is no security officer here.
 */
export async function login(call: Call): Promise<Answer> {
  call.session();
  const userType = call.input.ulong();
  call.input.counted();
  call.input.end();
  return logIn(call, userType);
}

/** C_LoginUser: the same with a name, which must be the client's own. */
export async function loginUser(call: Call): Promise<Answer> {
  call.session();
  const userType = call.input.ulong();
  call.input.counted();
  const name = call.input.counted().toString("utf8");
  call.input.end();
  if (name !== "" && name !== call.context.request.caller.clientName) throw new Refusal("PIN_INCORRECT");
  return logIn(call, userType);
}

function logIn(call: Call, userType: number): Answer {
  if (userType !== UserKind.user) throw new Refusal("USER_TYPE_INVALID");
  if (call.instance.login.has("user")) throw new Refusal("USER_ALREADY_LOGGED_IN");
  call.setLogin(true);
  return ok();
}

/** C_Logout. */
export async function logout(call: Call): Promise<Answer> {
  call.session();
  call.input.end();
  if (!call.instance.login.has("user")) throw new Refusal("USER_NOT_LOGGED_IN");
  call.setLogin(false);
  return ok();
}

/** What C_SessionCancel ends, by the flag of each operation (PKCS#11 3.0 §5.6.10). */
const cancelFlags = [
  [0x100, "encrypt"],
  [0x200, "decrypt"],
  [0x400, "digest"],
  [0x800, "sign"],
  [0x2000, "verify"],
] as const satisfies readonly (readonly [number, OperationKind])[];

const cancelSearch = 0x40;

/** C_SessionCancel. */
export async function sessionCancel(call: Call): Promise<Answer> {
  const session = call.session();
  const flags = call.input.ulong();
  call.input.end();
  const operations = { ...session.operations };
  for (const [flag, kind] of cancelFlags) if ((flags & flag) !== 0) delete operations[kind];
  const search = (flags & cancelSearch) === 0 ? session.search : undefined;
  call.put({ ...session, operations, search });
  return ok();
}
