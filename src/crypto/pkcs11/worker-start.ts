import type { AnswerFrame, OpenRequest } from "./messages.js";
import { WorkerProcess } from "./worker-process.js";

/** What the start of a worker reports. */
export interface StartListener {
  /** A frame came; true where the worker is ready by it. */
  answered(frame: AnswerFrame): boolean;
  /** The worker has not opened its partition in time; it is to be ended. */
  late(): void;
  /** The process is gone. Called exactly once. */
  gone(reason: string, complaint: string): void;
  /** The process was killed and does not end. */
  lingers(): void;
}

/** Starts a process and has it open a partition, in `timeout` milliseconds. Zeroes the PIN. */
export function startWorker(
  environment: Readonly<Record<string, string>>,
  request: OpenRequest,
  timeout: number,
  listener: StartListener,
): {
  readonly child: WorkerProcess /** Settles when the worker is ready or gone, or lingers. */;
  readonly settled: Promise<void>;
} {
  let settle: () => void = () => undefined;
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const limit = setTimeout(() => listener.late(), timeout);
  const end = () => {
    clearTimeout(limit);
    settle();
  };
  const child = new WorkerProcess(environment, {
    answered: (frame) => {
      if (listener.answered(frame)) end();
    },
    gone: (reason, complaint) => {
      listener.gone(reason, complaint);
      end();
    },
    lingers: () => {
      listener.lingers();
      end();
    },
  });
  child.send([[0, "open", [request]]]);
  request.pin.fill(0);
  return { child, settled };
}
