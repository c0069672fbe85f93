import { connect as connectTcp, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { connect, type TLSSocket } from "node:tls";
import type { ClientIdentity } from "#test/support/kmip-client.js";

/** How a wire ends: by a reset, by an end of our side only, by closing, or not at all: what comes is swallowed. */
export type CutKind = "reset" | "half-close" | "close" | "swallow";

/** All ways for a wire to end at which the other side can tell that it has. */
export const cuts: readonly CutKind[] = ["reset", "half-close", "close"];

/** A TCP connection to a server that ends after so many bytes in one direction. TLS goes over it. */
export class Wire extends Duplex {
  private readonly raw: Socket;
  private left: { readonly of: "sent" | "received"; bytes: number; readonly cut: CutKind } | undefined;
  private isSwallowing = false;
  private isStalled = false;
  private spoil: ((bytes: Buffer) => Buffer) | undefined;

  constructor(port: number) {
    super({ allowHalfOpen: true });
    this.raw = connectTcp({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    this.raw.on("data", (bytes: Buffer) => this.received(bytes));
    this.raw.on("end", () => this.push(null));
    this.raw.on("error", (error) => this.destroy(error));
    this.raw.on("close", () => this.destroy());
  }

  /** Has the wire cut after so many more bytes; at once where that is none. */
  cutAfter(bytes: number, of: "sent" | "received", cut: CutKind): void {
    this.left = { of, bytes, cut };
    if (bytes === 0) this.cut(cut);
  }

  /** Has what is sent from now on changed on its way. */
  spoilBy(spoil: (bytes: Buffer) => Buffer): void {
    this.spoil = spoil;
  }

  /** Takes nothing more off the connection, so that what the server sends fills the buffers on its way. */
  stall(): void {
    this.isStalled = true;
    this.raw.pause();
  }

  /** Resolves when the other side has ended the connection. */
  async ended(): Promise<void> {
    if (this.raw.closed || this.raw.readableEnded) return;
    await new Promise<void>((resolve) => {
      this.raw.once("end", () => resolve());
      this.raw.once("close", () => resolve());
    });
  }

  /** Resolves when the connection below is gone. */
  async gone(): Promise<void> {
    if (this.raw.closed) return;
    await new Promise<void>((resolve) => this.raw.once("close", () => resolve()));
  }

  override _read(): void {
    if (!this.isStalled) this.raw.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const sent = this.within(this.spoil?.(bytes) ?? bytes, "sent");
    if (sent.length > 0 && this.raw.writable) this.raw.write(sent);
    this.cutWhereReached("sent");
    done();
  }

  override _final(done: () => void): void {
    if (!this.isSwallowing && this.raw.writable) this.raw.end();
    done();
  }

  override _destroy(_error: Error | null, done: () => void): void {
    if (!this.isSwallowing) this.raw.destroy();
    done();
  }

  private received(bytes: Buffer): void {
    const passed = this.within(bytes, "received");
    if (passed.length > 0 && !this.push(passed)) this.raw.pause();
    this.cutWhereReached("received");
  }

  private within(bytes: Buffer, of: "sent" | "received"): Buffer {
    if (this.isSwallowing) return Buffer.alloc(0);
    if (this.left?.of !== of) return bytes;
    const passed = bytes.subarray(0, this.left.bytes);
    this.left.bytes -= passed.length;
    return passed;
  }

  private cutWhereReached(of: "sent" | "received"): void {
    if (this.left?.of === of && this.left.bytes === 0) this.cut(this.left.cut);
  }

  private cut(kind: CutKind): void {
    if (kind === "half-close") {
      this.spoil = () => Buffer.alloc(0);
      this.raw.end();
      return;
    }
    this.isSwallowing = true;
    if (kind === "reset") this.raw.resetAndDestroy();
    else if (kind === "close") this.raw.destroy();
  }

  /** Ends what is left of the connection. */
  abandon(): void {
    this.raw.destroy();
  }
}

/** TLS over a wire, its handshake done. */
export function connectOver(wire: Wire, identity: ClientIdentity, more: object = {}): Promise<TLSSocket> {
  const { authority, certificate, key } = identity;
  return new Promise((resolve, reject) => {
    const socket = connect({ socket: wire, ca: authority, cert: certificate, key, servername: "localhost", ...more });
    socket.on("error", (error) => {
      socket.destroy();
      reject(error);
    });
    // A TLS socket does not notice by itself that the stream below it has closed.
    wire.once("close", () => socket.destroy());
    socket.once("close", () => reject(new Error("the connection ended in the handshake")));
    socket.once("secureConnect", () => resolve(socket));
  });
}

/** All bytes that come until the end, or for so many milliseconds. */
export async function answerOn(socket: TLSSocket, milliseconds: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    for (const event of ["end", "close"]) socket.once(event, () => resolve());
    if (socket.destroyed || socket.readableEnded) resolve();
    timer = setTimeout(resolve, milliseconds);
  });
  clearTimeout(timer);
  return Buffer.concat(chunks);
}
