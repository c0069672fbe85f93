import { CryptoError, type CryptoErrorCode } from "../port.js";
import type { WorkerOperations } from "./messages.js";
import { WorkerProcess } from "./worker-process.js";

/** Milliseconds that making a token may take. */
const SETUP_TIMEOUT = 60_000;

/** Does one operation in a worker of its own, which then ends: in so many milliseconds, or is killed. */
export async function runOnce<Method extends "initialise" | "bind" | "probe">(
  method: Method,
  request: Parameters<WorkerOperations[Method]>[0],
  environment: Readonly<Record<string, string>>,
  timeout = SETUP_TIMEOUT,
): Promise<ReturnType<WorkerOperations[Method]>> {
  return new Promise((settle, reject) => {
    const fail = (code: CryptoErrorCode, message: string) => reject(new CryptoError(code, message));
    const child = new WorkerProcess(environment, {
      answered: (frame) => {
        const [answer] = frame.answers;
        if (answer === undefined) return;
        const [, failure, value] = answer;
        if (failure === null) {
          settle(value as ReturnType<WorkerOperations[Method]>);
        } else {
          fail(failure.code as CryptoErrorCode, failure.message);
        }
        child.kill();
      },
      gone: (reason, complaint) => {
        clearTimeout(limit);
        fail("unavailable", `the HSM worker went away: ${reason} ${complaint}`);
      },
    });
    const late = () => {
      fail("unavailable", `the module did not answer within ${timeout / 1000} seconds`);
      child.kill();
    };
    const limit = setTimeout(late, timeout);
    child.send([[0, method, [request]]]);
  });
}
