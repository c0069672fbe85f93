import type { AsynchronousRunner } from "#src/jobs/asynchronous-runner.js";
import type { AsynchronousWork } from "#src/pipeline/services.js";
import { type Siblings, topic } from "#src/siblings/siblings.js";

/** What a process does for the server. One that is alone does everything. */
export interface Duties {
  /** Serves clients on the listeners. */
  readonly listens: boolean;
  /** Rotates, works on asynchronous requests, and connects to destinations. */
  readonly works: boolean;
}

/** Who does what: the first of several processes works, the others listen. */
export function dutiesOf({ isAlone, self }: Siblings): Duties {
  return { listens: isAlone || self !== 0, works: self === 0 };
}

const submitted = topic<number>("an asynchronous request was submitted");
const hasten = topic<{ readonly batchId: string; readonly milliseconds: number }>("hasten an asynchronous request");

/** Takes requests to be worked on later to the process that works on them, which may be this one. */
export function handOver(
  siblings: Siblings,
  runner: () => AsynchronousRunner,
): Pick<AsynchronousWork, "submitted" | "hasten"> {
  if (siblings.self === 0) {
    siblings.on(submitted, (notBefore) => runner().expect(notBefore));
    siblings.on(hasten, ({ batchId, milliseconds }) => runner().hasten(batchId, milliseconds));
    return {
      submitted: (notBefore) => runner().expect(notBefore),
      hasten: (batchId, milliseconds) => runner().hasten(batchId, milliseconds),
    };
  }
  return {
    submitted: (notBefore) => siblings.mention(submitted, notBefore),
    hasten: (batchId, milliseconds) => siblings.ask(0, hasten, { batchId, milliseconds }),
  };
}
