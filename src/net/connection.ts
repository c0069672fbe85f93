import { randomUUID } from "node:crypto";
import type { TLSSocket } from "node:tls";
import type { CertificateDescription } from "#certs/describe.js";
import { Exchange } from "./exchange.js";
import { FrameReader, UnreadableRequestError } from "./frame-reader.js";
import type { KmipHandler } from "./handler.js";
import { reasonOf } from "./handshake-diagnosis.js";
import { HoldingBack } from "./holding-back.js";
import type { ListenerLimits } from "./limits.js";
import type { Client, ConnectionEvents, OpenConnection } from "./tls-listener.js";

/** What a connection works with. */
export interface ConnectionSetting extends ConnectionEvents {
  readonly limits: ListenerLimits;
  readonly handler: KmipHandler;
}

/**
 * One client's connection: takes its requests one at a time, in order, and writes each answer with one write.
 *
 * Bytes go into the reader; `advance` is called whenever something may have become possible (bytes arrived, an answer
 * is done or sent, the client ended, the server stops) and takes the one next step. Nothing is read while a request is
 * in work and enough waits behind it, nor while the client leaves answers untaken or is held back.
 */
export class KmipConnection implements OpenConnection {
  readonly id = randomUUID();
  readonly openedAt = new Date();
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly tlsVersion: string;
  readonly cipher: string;
  readonly peer: CertificateDescription | null;

  private readonly socket: TLSSocket;
  private readonly setting: ConnectionSetting;
  private readonly reader: FrameReader;
  private readonly holding: HoldingBack;
  private readonly idleTimer: NodeJS.Timeout;
  private messageTimer: NodeJS.Timeout | undefined;
  private writeTimer: NodeJS.Timeout | undefined;
  private lingerTimer: NodeJS.Timeout | undefined;
  private writesUnderWay = 0;
  private working = false;
  /** The client has said that it sends nothing more. */
  private clientEnded = false;
  /** No request is taken that had not arrived whole. */
  private draining = false;
  /** The last answer, if any, is written; what still arrives is thrown away. */
  private finished = false;
  private closeReason: string | undefined;
  /** The client has asked to take the server role: it does when its answer is sent. */
  private isToBeReversed = false;
  /** The client has the server role (KMIP 2.1 §6.1.54): what arrives are answers. */
  private reversed: Exchange | undefined;

  constructor(socket: TLSSocket, from: Client, setting: ConnectionSetting) {
    this.socket = socket;
    this.setting = setting;
    this.remoteAddress = from.address;
    this.remotePort = from.port;
    this.peer = from.peer;
    this.tlsVersion = socket.getProtocol() ?? "unknown";
    this.cipher = socket.getCipher().name;
    this.reader = new FrameReader(setting.limits.maximumMessageBytes);
    this.holding = new HoldingBack(setting.limits, () => {
      this.idleTimer.refresh();
      this.advance();
    });
    this.idleTimer = setTimeout(() => this.idleTooLong(), setting.limits.idleMilliseconds);
  }

  /** Begins to read. */
  open(): void {
    this.socket.on("data", (chunk: Buffer) => this.take(chunk));
    this.socket.on("end", () => {
      this.clientEnded = true;
      this.advance();
    });
    this.socket.on("error", (error) => this.destroy(`the connection broke: ${reasonOf(error)}`));
    this.socket.on("close", () => this.closed());
  }

  get isOpen(): boolean {
    return !this.socket.destroyed;
  }

  get isHeldBack(): boolean {
    return this.holding.isUnderWay;
  }

  destroy(reason: string): void {
    this.closeReason ??= reason;
    this.socket.destroy();
  }

  /** Has the client take the server role when the request in work is answered. */
  reverse(): void {
    this.isToBeReversed = true;
  }

  holdBack(): void {
    this.holding.refused();
  }

  /** Answers the requests that have arrived whole, then ends the connection. */
  drain(): void {
    this.draining = true;
    this.holding.end();
    // What came while the client was held back is here, and was not looked at.
    this.socket.read();
    this.advance();
  }

  private take(chunk: Buffer): void {
    if (this.finished) return;
    this.reader.push(chunk);
    this.advance();
  }

  private advance(): void {
    if (this.finished || this.socket.destroyed) return;
    if (this.working) {
      this.boundReadAhead();
      return;
    }
    if (this.holding.isUnderWay || this.socket.writableLength > this.setting.limits.maximumUnsentBytes) {
      this.socket.pause();
      return;
    }
    try {
      const message = this.reader.next();
      if (message === undefined) this.awaitMore();
      else if (this.reversed !== undefined) this.takeAnswer(this.reversed, message);
      else this.work(message);
    } catch (error) {
      if (!(error instanceof UnreadableRequestError)) throw error;
      this.giveUp(error);
    }
  }

  private boundReadAhead(): void {
    const { maximumReadAheadBytes, maximumPipelinedRequests } = this.setting.limits;
    if (this.reader.length >= maximumReadAheadBytes || this.reader.holds(maximumPipelinedRequests)) this.socket.pause();
  }

  private awaitMore(): void {
    const waiting = this.reader.length > 0;
    if (this.draining) {
      this.finish("the server is stopping");
    } else if (this.clientEnded && waiting) {
      this.giveUp(new UnreadableRequestError("truncated", this.reader.headerBytes));
    } else if (this.clientEnded) {
      this.finish("closed by the client");
    } else {
      if (waiting) this.messageTimer ??= this.startMessageTimer();
      this.socket.resume();
    }
  }

  private startMessageTimer(): NodeJS.Timeout {
    return setTimeout(() => {
      this.giveUp(new UnreadableRequestError("too-slow", this.reader.headerBytes));
    }, this.setting.limits.messageMilliseconds);
  }

  private work(message: Buffer): void {
    clearTimeout(this.messageTimer);
    this.messageTimer = undefined;
    this.working = true;
    this.boundReadAhead();
    this.answer(message).then(
      () => {
        this.working = false;
        this.advance();
      },
      (error: unknown) => {
        this.setting.onFault(error, this);
        this.destroy("the request could not be answered");
      },
    );
  }

  private async answer(message: Buffer): Promise<void> {
    const response = await this.setting.handler.onMessage(this, message);
    this.idleTimer.refresh();
    this.send(response);
    this.holding.answered();
    if (this.isToBeReversed) this.takeClientRole();
  }

  /** Only the connection's owner asks from now on; requests that had arrived behind the last one are answers to nothing. */
  private takeClientRole(): void {
    this.isToBeReversed = false;
    const exchange = new Exchange({
      answerMilliseconds: this.setting.limits.messageMilliseconds,
      send: (message) => this.send(message),
      close: (reason) => this.destroy(reason),
    });
    this.reversed = exchange;
    this.setting.handler.onReversed?.(this, exchange);
  }

  private takeAnswer(exchange: Exchange, message: Buffer): void {
    clearTimeout(this.messageTimer);
    this.messageTimer = undefined;
    exchange.received(message);
    setImmediate(() => this.advance());
  }

  private send(response: Buffer): void {
    if (!this.socket.writable) return;
    this.writesUnderWay++;
    this.writeTimer ??= setTimeout(
      () => this.destroy("the client did not take its answer in time"),
      this.setting.limits.writeMilliseconds,
    );
    this.socket.write(response, () => this.sent());
  }

  private sent(): void {
    this.writesUnderWay--;
    if (this.writesUnderWay > 0) {
      this.writeTimer?.refresh();
    } else {
      clearTimeout(this.writeTimer);
      this.writeTimer = undefined;
    }
    if (!this.working) this.advance();
  }

  /** Gives the last answer that unreadable bytes get, if any, and ends the connection. */
  private giveUp(error: UnreadableRequestError): void {
    this.working = true;
    this.socket.pause();
    this.lastAnswer(error).then(
      () => this.finish(`the request was ${error.reason}`),
      (fault: unknown) => {
        this.setting.onFault(fault, this);
        this.destroy("the request could not be answered");
      },
    );
  }

  private async lastAnswer(error: UnreadableRequestError): Promise<void> {
    const response = await this.setting.handler.onUnreadable(this, error.reason, error.headerBytes);
    if (response !== null) this.send(response);
  }

  /** Ends our side; what the client still sends is read and thrown away, so that no reset overtakes the last answer. */
  private finish(reason: string): void {
    this.closeReason ??= reason;
    this.finished = true;
    clearTimeout(this.messageTimer);
    this.socket.end(() => {
      const { lingerMilliseconds } = this.setting.limits;
      if (!this.socket.destroyed) this.lingerTimer = setTimeout(() => this.socket.destroy(), lingerMilliseconds);
    });
    this.socket.resume();
  }

  private idleTooLong(): void {
    // A client that is waiting to be asked says nothing.
    const waits = this.working || this.isHeldBack || this.reader.length > 0 || this.writesUnderWay > 0;
    const busy = this.reversed !== undefined || waits;
    if (busy) this.idleTimer.refresh();
    else if (!this.finished) this.finish("idle for too long");
  }

  private closed(): void {
    this.finished = true;
    this.reversed?.closed(this.closeReason ?? "closed by the client");
    this.holding.end();
    for (const timer of [this.idleTimer, this.messageTimer, this.writeTimer, this.lingerTimer]) clearTimeout(timer);
    this.setting.onClose(this, this.closeReason ?? "closed by the client");
  }
}
