/** A port before a PostgreSQL: what goes through it can be cut, swallowed, and switched to another one. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";

/** What happens to connections and data. */
type Mode = "pass" | "swallow" | "refuse";

/** Passes connections on to the socket of a PostgreSQL, or resets them where it leads to none. */
export class SwitchBoard {
  readonly port: number;
  private readonly server: Server;
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private folder: string | undefined;
  private mode: Mode = "refuse";

  private constructor(server: Server) {
    this.server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (socket) => this.accept(socket));
  }

  /** Listens on a free port of this machine. */
  static async start(): Promise<SwitchBoard> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new SwitchBoard(server);
  }

  /** Everything sent from now on arrives nowhere, and nobody is told. */
  swallow(): void {
    this.mode = "swallow";
    for (const [near, far] of this.pairs) {
      near.unpipe(far).pause();
      far.unpipe(near).pause();
    }
  }

  /** All connections are reset, and new ones are. */
  refuse(): void {
    this.mode = "refuse";
    this.cut();
  }

  /** Connections lead to the PostgreSQL whose socket is in this folder, or to the same as before; swallowed ones are reset. */
  pass(folder?: string): void {
    if (this.mode === "swallow" || (folder !== undefined && folder !== this.folder)) this.cut();
    this.folder = folder ?? this.folder;
    this.mode = "pass";
  }

  /** Resets everything and ends. */
  async stop(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, "close");
  }

  private cut(): void {
    for (const [near, far] of this.pairs) {
      near.resetAndDestroy();
      far.destroy();
    }
    this.pairs.clear();
  }

  private accept(near: Socket): void {
    // A client that resets its connection is no fault of ours.
    near.on("error", () => undefined);
    if (this.mode === "refuse" || this.folder === undefined) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(join(this.folder, ".s.PGSQL.5432"));
    const pair = [near, far] as const;
    this.pairs.add(pair);
    const end = (): void => {
      this.pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    far.on("error", end);
    for (const socket of pair) socket.on("close", end);
    if (this.mode === "swallow") return;
    near.pipe(far);
    far.pipe(near);
  }
}
