import type { OperationContext } from "../contract/context.js";
import { Call } from "./call.js";
import { type CryptokiFunction, functionList } from "./function-list.js";
import type { CryptokiInstance } from "./instance.js";
import { type Answer, Refusal, refusalOf } from "./outcome.js";
import { ParameterReader } from "./parameters.js";
import { withOperation } from "./session.js";

/**
 * Performs one function on an instance. What it refuses is taken back whole before the answer says so; what fails for a
 * reason that is not PKCS#11's is thrown, and so is what cannot be read.
 */
export function performFunction(
  context: OperationContext,
  instance: CryptokiInstance,
  code: number,
  input: Buffer,
): Promise<Answer> {
  const row = functionList.get(code);
  if (row === undefined) return Promise.resolve({ returnCode: "FUNCTION_NOT_SUPPORTED" });
  return instance.inTurn(() => attempt(context, instance, row, input));
}

async function attempt(
  context: OperationContext,
  instance: CryptokiInstance,
  row: CryptokiFunction,
  input: Buffer,
): Promise<Answer> {
  const mark = context.changes.mark();
  const call = new Call(context, instance, new ParameterReader(input));
  try {
    const answer = await row.run(call);
    call.settle();
    return answer;
  } catch (thrown) {
    const returnCode = refusalOf(thrown, row.wording);
    if (returnCode === undefined) throw thrown;
    await context.changes.takeBack(mark);
    if (row.ends !== undefined) endOperation(new Call(context, instance, new ParameterReader(input)), row);
    return { returnCode };
  }
}

/** The operation a failed function was part of is over; a session that is not there has none. */
function endOperation(call: Call, { ends }: CryptokiFunction): void {
  try {
    const session = call.session();
    if (ends !== undefined) call.put(withOperation(session, ends, undefined));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}
