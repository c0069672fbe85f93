import { createWriteStream, type WriteStream } from "node:fs";
import { commentText, headingText } from "#protocol/encodings/transcript/text.js";
import type { TracePiece, TraceSummary } from "./trace.js";

/** What begins the last line of a trace that has ended. */
export const endingWords = "trace ended: ";

/** How a trace that is no longer written ends. */
export function endingText(reason: string): string {
  return commentText(`${endingWords}${reason}`);
}

/** Bytes that wait for the disk; beyond, requests are left out and counted. */
const maximumUnwrittenBytes = 8 * 1024 * 1024;

/** How much a trace takes. */
export interface FileLimits {
  readonly maximumBytes: number;
  readonly maximumRequests: number;
}

/** The file of a trace that runs. Writing never waits: where the disk is slow, requests are left out, which is noted. */
export class TraceFile {
  readonly path: string;
  private readonly stream: WriteStream;
  private readonly limits: FileLimits;
  private readonly ended: (reason: string) => void;
  private size = 0;
  private requests = 0;
  private missing = 0;
  private reason: string | undefined;

  /** `ended` is told why the trace is over: by a limit, or because the file could not be written. */
  constructor(summary: TraceSummary, version: string, limits: FileLimits, ended: (reason: string) => void) {
    this.path = summary.file;
    this.limits = limits;
    this.ended = ended;
    this.stream = createWriteStream(this.path, { flags: "wx", mode: 0o600 });
    this.stream.on("error", (error) => this.over(`the file could not be written: ${error.message}`));
    this.put(
      headingText([
        ["comparison", "recorded"],
        ["trace", summary.id],
        ["server version", `Keyreeve ${version}`],
        ["tenant", summary.tenant],
        ["client", summary.client ?? "(all)"],
        ["recorded", summary.startedAt],
        ["until", summary.until],
      ]),
    );
  }

  /** Bytes written, or about to be. */
  get bytes(): number {
    return this.size;
  }

  /** Adds a piece, unless the trace is over or the disk does not keep up. */
  append({ text, requests, missing }: TracePiece): void {
    if (this.reason !== undefined) return;
    this.missing += missing;
    if (this.stream.writableLength > maximumUnwrittenBytes) {
      this.missing += requests;
      return;
    }
    const notice =
      this.missing === 0 ? "" : commentText(`${this.missing} requests are missing here: the disk was slow`);
    this.missing = 0;
    if (this.size + notice.length + Buffer.byteLength(text) > this.limits.maximumBytes) {
      this.over("it has reached its size");
      return;
    }
    this.put(notice + text);
    this.requests += requests;
    if (this.requests >= this.limits.maximumRequests) this.over("it has as many requests as it was to have");
  }

  /** Ends the file; resolves when it is written. */
  end(reason: string): Promise<void> {
    this.reason ??= reason;
    const missing = this.missing === 0 ? "" : `, ${this.missing} at the end are missing`;
    const last = endingText(`${this.reason}; ${this.requests} requests${missing}`);
    return new Promise((resolve) => {
      this.stream.once("close", resolve);
      if (this.stream.destroyed) resolve();
      else this.stream.end(last);
    });
  }

  private put(text: string): void {
    this.size += Buffer.byteLength(text);
    this.stream.write(text);
  }

  private over(reason: string): void {
    if (this.reason !== undefined) return;
    this.reason = reason;
    this.ended(reason);
  }
}
