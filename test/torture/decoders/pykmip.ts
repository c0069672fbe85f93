import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { python } from "#conformance/interop/pykmip/suite.js";
import { projectRoot } from "#test/support/server.js";

/** Which kind of message PyKMIP is to read. */
export type MessageKind = "request" | "response";

/** What PyKMIP made of a message: the bytes it writes of what it has read, or why it could not. */
export type Reading = { readonly written: Buffer } | { readonly complaint: string };

/** PyKMIP in a process of its own, which reads messages and writes them again. */
export class PykmipDecoder {
  private readonly child = spawn(python, [join(projectRoot, "test/torture/decoders/read_and_write.py")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  private readonly lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();

  /** Rejects where the process has ended. */
  async read(kind: MessageKind, message: Buffer): Promise<Reading> {
    this.child.stdin.write(`${kind} ${message.toString("hex")}\n`);
    const { value, done } = await this.lines.next();
    if (done === true) throw new Error(`PyKMIP ended while it read a ${kind}: ${message.toString("hex")}`);
    return value.startsWith("! ") ? { complaint: value.slice(2) } : { written: Buffer.from(value, "hex") };
  }

  /** Ends the process. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    this.child.stdin.end();
    await once(this.child, "exit");
  }
}
