import { createReadStream } from "node:fs";
import { appendFile, open, readdir, stat, unlink } from "node:fs/promises";
import { join } from "node:path";
import { AdministrationError } from "../errors.js";
import type { TraceSummary } from "./trace.js";
import { endingText, endingWords } from "./trace-file.js";

/** How the names of the files end. */
const extension = ".kmip";

/** As much of the beginning and of the end of a file as tells what it is. */
const glanceBytes = 1024;

const identifier = /^\d{8}T\d{6}Z-[0-9a-f]{6}$/;

/** The files of traces in a folder. */
export class KeptTraces {
  constructor(readonly folder: string) {}

  /** The file of a trace. Throws AdministrationError for what is no identifier of one. */
  pathOf(id: string): string {
    if (!identifier.test(id)) throw new AdministrationError("not-found", `there is no trace "${id}"`);
    return join(this.folder, `${id}${extension}`);
  }

  /** Every trace, the newest first. `isRunning` says which ones are still written. */
  async list(isRunning: (id: string) => boolean): Promise<readonly TraceSummary[]> {
    const found: TraceSummary[] = [];
    for (const id of (await this.identifiers()).reverse()) found.push(await this.summary(id, isRunning(id)));
    return found;
  }

  /** One that is not written any more. Throws AdministrationError `not-found`. */
  async find(id: string): Promise<TraceSummary> {
    await this.check(id);
    return this.summary(id, false);
  }

  /** The text of a trace, piece by piece. Throws AdministrationError `not-found`. */
  async *read(id: string): AsyncGenerator<string> {
    const path = await this.check(id);
    for await (const chunk of createReadStream(path, { encoding: "utf8" })) yield String(chunk);
  }

  /** Says of files without an end that the server is gone that wrote them. */
  async endAbandoned(): Promise<void> {
    for (const id of await this.identifiers()) {
      const { ended } = await this.summary(id, false);
      if (ended === unfinished) await appendFile(this.pathOf(id), endingText("the server was stopped or started anew"));
    }
  }

  /** Removes the oldest ones, so that so many are left. */
  async keep(count: number): Promise<void> {
    const ids = await this.identifiers();
    for (const id of ids.slice(0, Math.max(0, ids.length - count))) await unlink(this.pathOf(id));
  }

  private async check(id: string): Promise<string> {
    const path = this.pathOf(id);
    if ((await stat(path).catch(() => undefined)) !== undefined) return path;
    throw new AdministrationError("not-found", `there is no trace "${id}"`);
  }

  /** From the oldest to the newest: identifiers begin with the time. */
  private async identifiers(): Promise<string[]> {
    const names = await readdir(this.folder).catch((error: unknown) => {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
      throw error;
    });
    return names
      .filter((name) => name.endsWith(extension))
      .map((name) => name.slice(0, -extension.length))
      .filter((id) => identifier.test(id))
      .sort();
  }

  private async summary(id: string, running: boolean): Promise<TraceSummary> {
    const file = this.pathOf(id);
    const handle = await open(file, "r");
    try {
      const { size } = await handle.stat();
      const at = async (position: number): Promise<string> => {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(glanceBytes), 0, glanceBytes, position);
        return buffer.toString("utf8", 0, bytesRead);
      };
      const head = await at(0);
      const fact = (name: string): string => new RegExp(`^${name}: (.*)$`, "m").exec(head)?.[1] ?? "";
      const ended = new RegExp(`^# ${endingWords}(.*)$`, "m").exec(await at(Math.max(0, size - glanceBytes)))?.[1];
      const client = fact("client");
      return {
        id,
        tenant: fact("tenant"),
        client: client === "(all)" ? null : client,
        startedAt: fact("recorded"),
        until: fact("until"),
        running,
        ended: running ? null : (ended ?? unfinished),
        bytes: size,
        file,
      };
    } finally {
      await handle.close();
    }
  }
}

/** What is said of a trace that nobody writes and that has no end. */
const unfinished = "not finished";
