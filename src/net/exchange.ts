/** The way to the other side of a connection on which this server asks and the other side answers. */
export interface Channel {
  /**
   * Sends one request message and gives the response message. Requests wait for one another. Rejects with ChannelError
   * where no answer comes in time or the connection ends.
   */
  request(message: Buffer): Promise<Buffer>;
  readonly isOpen: boolean;
  /** Ends the connection; the reason, in words for the log. */
  close(reason: string): void;
}

/** The other side gave no answer. */
export class ChannelError extends Error {
  override readonly name = "ChannelError";
}

/** What an exchange needs of the connection under it. */
export interface ExchangeOptions {
  readonly answerMilliseconds: number;
  send(message: Buffer): void;
  close(reason: string): void;
}

interface Waiting {
  resolve(message: Buffer): void;
  reject(error: ChannelError): void;
}

/** Pairs requests with their responses on one connection, one at a time: the protocol has nothing else to pair them by. */
export class Exchange implements Channel {
  private readonly options: ExchangeOptions;
  private waiting: Waiting | undefined;
  private last: Promise<unknown> = Promise.resolve();
  private ended: string | undefined;

  constructor(options: ExchangeOptions) {
    this.options = options;
  }

  get isOpen(): boolean {
    return this.ended === undefined;
  }

  request(message: Buffer): Promise<Buffer> {
    const mine = this.last.then(() => this.ask(message));
    // The next request goes on whatever becomes of this one, whose caller hears of it.
    this.last = mine.catch(() => undefined);
    return mine;
  }

  close(reason: string): void {
    this.options.close(reason);
  }

  /** A message has arrived. One that nobody has asked for ends the connection. */
  received(message: Buffer): void {
    const { waiting } = this;
    this.waiting = undefined;
    if (waiting === undefined) this.options.close("the other side sent a message that nobody had asked for");
    else waiting.resolve(message);
  }

  /** The connection has ended. */
  closed(reason: string): void {
    this.ended ??= reason;
    this.waiting?.reject(new ChannelError(reason));
    this.waiting = undefined;
  }

  private ask(message: Buffer): Promise<Buffer> {
    if (this.ended !== undefined) return Promise.reject(new ChannelError(this.ended));
    return new Promise<Buffer>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting = undefined;
        reject(new ChannelError("no answer came in time"));
        // A late answer would be taken for that to the next request.
        this.options.close("no answer came in time");
      }, this.options.answerMilliseconds);
      this.waiting = {
        resolve: (answer) => {
          clearTimeout(timer);
          resolve(answer);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      this.options.send(message);
    });
  }
}
