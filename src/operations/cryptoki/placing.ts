import type { Call } from "./call.js";
import { Refusal } from "./outcome.js";
import type { Session } from "./session.js";
import type { Template } from "./templates.js";

/**
 * Whether a template asks for an object that stays (CKA_TOKEN), which becomes a managed object of the tenant; any other
 * lives as long as its session. Throws Refusal where the session or the custody of the tenant does not allow it.
 */
export function isToStay(call: Call, session: Session, template: Template, isKey = true): boolean {
  if (template.boolean("TOKEN") === true) {
    if (!session.readWrite) throw new Refusal("SESSION_READ_ONLY");
    return true;
  }
  // A key in the token is there for good: a session object would outlive its session.
  if (isKey && call.context.keys.custodyFor({ highProtection: false }) === "token") {
    throw new Refusal("ATTRIBUTE_VALUE_INVALID");
  }
  return false;
}

/** The handle of an object that was just made, and is kept as its template asked. */
export function place(call: Call, session: Session, id: string, stays: boolean): bigint {
  if (!stays) call.keep(id, session);
  const handle = call.instance.handleOf(id);
  call.context.changes.onDiscard(async () => call.instance.forget(id));
  return handle;
}
