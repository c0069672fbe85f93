/** Stands between a server and its PostgreSQL, and cuts the connection at the COMMIT of a transaction. */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/**
 * What becomes of the COMMIT: it does not reach the database; its answer does not reach the server; or it reaches the
 * database only a while after the server was cut off.
 */
export type Cut = "before" | "after" | "late";

/** How long after the cut a late COMMIT reaches the database, in milliseconds. */
const lateness = 700;

/** A moment on the way of a COMMIT: before it is sent, sent and not answered, answered. */
export type Moment = "before" | "sent" | "answered";

/** A connection whose server wants to commit. */
interface AtCommit {
  readonly client: Socket;
  readonly upstream: Socket;
  readonly message: Buffer;
  /** The process of PostgreSQL that serves it. */
  readonly backend: number;
}

interface Order {
  readonly words: string;
  /** How many such COMMITs pass before the one that is struck. */
  left: number;
  readonly strike: (at: AtCommit) => void;
}

/** The messages of one side of a connection (PostgreSQL manual, chapter 55.7). */
class Messages {
  private received: Buffer = Buffer.alloc(0);
  private isStarted: boolean;

  /** The first message of a client has no type. */
  constructor(of: "client" | "database") {
    this.isStarted = of === "database";
  }

  /** Takes bytes in; gives the messages that are whole. */
  take(bytes: Buffer): readonly Buffer[] {
    this.received = Buffer.concat([this.received, bytes]);
    const whole: Buffer[] = [];
    for (;;) {
      const before = this.isStarted ? 1 : 0;
      if (this.received.length < before + 4) return whole;
      const end = before + this.received.readUInt32BE(before);
      if (this.received.length < end) return whole;
      whole.push(this.received.subarray(0, end));
      this.received = this.received.subarray(end);
      this.isStarted = true;
    }
  }
}

/** The command of a message, where it is a simple one. */
function commandOf(message: Buffer): string | undefined {
  return message[0] === 0x51
    ? message
        .toString("utf8", 5, message.length - 1)
        .trim()
        .toLowerCase()
    : undefined;
}

/** The process that a message names, where it is the one in which the database introduces it (BackendKeyData). */
function processIn(message: Buffer): number | undefined {
  return message[0] === 0x4b ? message.readUInt32BE(5) : undefined;
}

/** The proxy. Without an order it only passes on. */
export class CommitCutter {
  private readonly server: Server;
  private readonly path: string;
  private readonly sockets = new Set<Socket>();
  private order: Order | undefined;
  private isShut = false;

  private constructor(path: string) {
    this.path = path;
    this.server = createServer((socket) => this.accept(socket));
  }

  /** Starts one before the PostgreSQL whose sockets are in a folder. */
  static async start(folder: string): Promise<CommitCutter> {
    const cutter = new CommitCutter(`${folder}/.s.PGSQL.5432`);
    cutter.server.listen(0, "127.0.0.1");
    await once(cutter.server, "listening");
    return cutter;
  }

  /** What a server takes as KEYREEVE_DATABASE_URL. */
  get url(): string {
    const address = this.server.address();
    if (address === null || typeof address === "string") throw new TypeError("a TCP server has a port");
    return `postgres://keyreeve@127.0.0.1:${address.port}/postgres`;
  }

  /** Cuts the next transaction in which these words stand; then the database may stay away. Resolves when that was done. */
  cut(words: string, cut: Cut, { isShut = false } = {}): Promise<void> {
    return new Promise((done) => {
      const cutOff = (upstream: Socket, client: Socket): void => {
        this.isShut = isShut;
        const others = isShut ? [...this.sockets].filter((socket) => socket !== upstream) : [client];
        for (const socket of others) socket.destroy();
        done();
      };
      this.order = { words, left: 0, strike: (at) => cutAt(at, cut, () => cutOff(at.upstream, at.client)) };
    });
  }

  /**
   * Calls a function at a moment on the way of the n-th next COMMIT of a transaction in which these words stand: what
   * comes after the moment does not go through. Resolves when that was done.
   */
  meet(
    words: string,
    { number, moment }: { number: number; moment: Moment },
    act: (backend: number) => void,
  ): Promise<void> {
    return new Promise((done) => {
      const strike = (at: AtCommit): void => {
        const met = (): void => {
          act(at.backend);
          done();
        };
        if (moment === "before") met();
        else if (moment === "sent") {
          at.upstream.removeAllListeners("data");
          at.upstream.write(at.message, met);
        } else {
          at.upstream.once("data", met);
          at.upstream.write(at.message);
        }
      };
      this.order = { words, left: number - 1, strike };
    });
  }

  /** Strikes no more. */
  forget(): void {
    this.order = undefined;
  }

  /** Lets the database be reached again. */
  reopen(): void {
    this.isShut = false;
  }

  async stop(): Promise<void> {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(this.server, "close");
  }

  private accept(client: Socket): void {
    if (this.isShut) {
      client.destroy();
      return;
    }
    const upstream = connect(this.path);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.once("close", () => this.sockets.delete(socket));
      socket.once("close", () => other.end());
    }
    let backend = 0;
    const introduction = new Messages("database");
    upstream.on("data", (bytes) => {
      if (backend === 0) backend = introduction.take(bytes).map(processIn).find(Boolean) ?? 0;
      if (client.writable) client.write(bytes);
    });
    const messages = new Messages("client");
    let transaction: Buffer[] = [];
    client.on("data", (bytes) => {
      for (const message of messages.take(bytes)) {
        const command = commandOf(message);
        if (command === "begin") transaction = [];
        transaction.push(message);
        const order = command === "commit" ? this.takeOrder(transaction) : undefined;
        if (order === undefined) upstream.write(message);
        else order.strike({ client, upstream, message, backend });
      }
    });
  }

  private takeOrder(transaction: readonly Buffer[]): Order | undefined {
    const { order } = this;
    if (order === undefined || !Buffer.concat(transaction).includes(order.words)) return undefined;
    order.left -= 1;
    if (order.left >= 0) return undefined;
    this.order = undefined;
    return order;
  }
}

function cutAt({ client, upstream, message }: AtCommit, cut: Cut, cutOff: () => void): void {
  upstream.removeAllListeners("data");
  client.removeAllListeners("close");
  const send = (answered: () => void): void => {
    upstream.once("data", () => {
      answered();
      upstream.end();
    });
    upstream.write(message);
  };
  if (cut === "after") {
    send(cutOff);
    return;
  }
  cutOff();
  if (cut === "before") upstream.destroy();
  else setTimeout(send, lateness, () => undefined);
}
