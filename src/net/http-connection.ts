import { randomUUID } from "node:crypto";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { TLSSocket } from "node:tls";
import type { CertificateDescription } from "#certs/describe.js";
import { reasonOf } from "./handshake-diagnosis.js";
import { HoldingBack } from "./holding-back.js";
import { readBody } from "./http-body.js";
import {
  encodingOf,
  type HttpAnswer,
  HttpRefusal,
  messageAnswer,
  rawAnswer,
  refusalAnswer,
  sendAnswer,
} from "./http-messages.js";
import type { HttpsHandler } from "./https-listener.js";
import type { ListenerLimits } from "./limits.js";
import type { Client, ConnectionEvents, OpenConnection } from "./tls-listener.js";

/** What a connection works with. */
export interface HttpConnectionSetting extends ConnectionEvents {
  readonly limits: ListenerLimits;
  readonly handler: HttpsHandler;
  /** Reads HTTP from the sockets it is handed. */
  readonly http: Server;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * One client's connection over HTTP: takes its requests one at a time, in order, and answers each. node:http cuts the
 * bytes into requests; the times, the counts and the end of the connection are kept here.
 */
export class HttpConnection implements OpenConnection {
  readonly id = randomUUID();
  readonly openedAt = new Date();
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly tlsVersion: string;
  readonly cipher: string;
  readonly peer: CertificateDescription | null;

  private readonly socket: TLSSocket;
  private readonly setting: HttpConnectionSetting;
  private readonly waiting: Exchange[] = [];
  private readonly holding: HoldingBack;
  private readonly idleTimer: NodeJS.Timeout;
  private messageTimer: NodeJS.Timeout | undefined;
  private writeTimer: NodeJS.Timeout | undefined;
  private lingerTimer: NodeJS.Timeout | undefined;
  /** A request is being read, performed or answered, or the client is held back after one that was refused. */
  private working = false;
  private draining = false;
  private finished = false;
  private closeReason: string | undefined;

  constructor(socket: TLSSocket, from: Client, setting: HttpConnectionSetting) {
    this.socket = socket;
    this.setting = setting;
    this.remoteAddress = from.address;
    this.remotePort = from.port;
    this.peer = from.peer;
    this.tlsVersion = socket.getProtocol() ?? "unknown";
    this.cipher = socket.getCipher().name;
    this.holding = new HoldingBack(setting.limits, () => this.release());
    this.idleTimer = setTimeout(() => this.idleTooLong(), setting.limits.idleMilliseconds);
  }

  open(): void {
    this.setting.http.emit("connection", this.socket);
    // Registered behind the reader of node:http, which has by then made requests of the bytes.
    this.socket.on("data", () => {
      if (!this.working) this.messageTimer ??= this.startMessageTimer();
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

  holdBack(): void {
    this.holding.refused();
  }

  drain(): void {
    this.draining = true;
    const { isHeldBack } = this;
    this.holding.end();
    if (isHeldBack) {
      // What came while the client was held back is here, and was not looked at.
      this.socket.read();
      this.release();
    } else if (!this.working && this.waiting.length === 0) {
      this.finish("the server is stopping");
    }
  }

  /** Takes a request whose head has arrived. */
  take(request: IncomingMessage, response: ServerResponse): void {
    if (this.finished) return;
    if (this.waiting.length >= this.setting.limits.maximumPipelinedRequests) {
      this.destroy("more requests than allowed were sent ahead");
      return;
    }
    this.waiting.push({ request, response });
    if (!this.working) this.next();
  }

  /** Bytes that are no request of HTTP, or none within the limits. */
  refuse(refusal: HttpRefusal): void {
    if (this.finished || !this.socket.writable) {
      this.destroy(refusal.message);
      return;
    }
    this.socket.write(rawAnswer(refusal));
    this.finish(refusal.message);
  }

  private next(): void {
    const exchange = this.waiting.shift();
    if (exchange === undefined) return;
    this.working = true;
    this.perform(exchange).catch((error: unknown) => {
      this.setting.onFault(error, this);
      this.destroy("the request could not be answered");
    });
  }

  private async perform({ request, response }: Exchange): Promise<void> {
    const answer = await this.answerTo(request, response);
    clearTimeout(this.messageTimer);
    this.messageTimer = undefined;
    if (this.socket.destroyed || this.finished) return;
    if (answer instanceof HttpRefusal && !request.complete) {
      // What is left of the body cannot be told from the next request; it is read and thrown away.
      request.resume();
      this.refuse(answer);
      return;
    }
    const isLast = this.draining && this.waiting.length === 0;
    this.startWriteTimer();
    response.once("finish", () => this.sent(isLast));
    sendAnswer(response, answer instanceof HttpRefusal ? refusalAnswer(answer) : answer, isLast);
  }

  private async answerTo(request: IncomingMessage, response: ServerResponse): Promise<HttpAnswer | HttpRefusal> {
    const { limits, handler } = this.setting;
    try {
      const encoding = encodingOf(request, limits.maximumMessageBytes);
      this.messageTimer ??= this.startMessageTimer();
      if (request.headers.expect !== undefined) response.writeContinue();
      const body = await readBody(request, limits.maximumMessageBytes);
      clearTimeout(this.messageTimer);
      return messageAnswer(encoding, await handler.onMessage(this, encoding, body));
    } catch (error) {
      if (error instanceof HttpRefusal) return error;
      throw error;
    }
  }

  private sent(isLast: boolean): void {
    clearTimeout(this.writeTimer);
    this.holding.answered();
    if (this.isHeldBack) this.socket.pause();
    else this.takeOn(isLast);
  }

  /** The client is held back no more. */
  private release(): void {
    this.socket.resume();
    this.takeOn();
  }

  /** Goes on behind a request that is answered. */
  private takeOn(isLast = false): void {
    this.idleTimer.refresh();
    this.working = false;
    if (this.waiting.length > 0) this.next();
    else if (isLast || this.draining) this.finish("the server is stopping");
  }

  private startMessageTimer(): NodeJS.Timeout {
    return setTimeout(
      () => this.refuse(new HttpRefusal(408, "the request took too long to arrive")),
      this.setting.limits.messageMilliseconds,
    );
  }

  private startWriteTimer(): void {
    clearTimeout(this.writeTimer);
    this.writeTimer = setTimeout(
      () => this.destroy("the client did not take its answer in time"),
      this.setting.limits.writeMilliseconds,
    );
  }

  /** Ends our side; what the client still sends is read and thrown away, so that no reset overtakes the last answer. */
  private finish(reason: string): void {
    this.closeReason ??= reason;
    this.finished = true;
    clearTimeout(this.messageTimer);
    this.startWriteTimer();
    this.socket.end(() => {
      clearTimeout(this.writeTimer);
      const { lingerMilliseconds } = this.setting.limits;
      if (!this.socket.destroyed) this.lingerTimer = setTimeout(() => this.socket.destroy(), lingerMilliseconds);
    });
    this.socket.resume();
  }

  private idleTooLong(): void {
    if (this.working || this.messageTimer !== undefined) this.idleTimer.refresh();
    else if (!this.finished) this.finish("idle for too long");
  }

  private closed(): void {
    this.finished = true;
    this.holding.end();
    for (const timer of [this.idleTimer, this.messageTimer, this.writeTimer, this.lingerTimer]) clearTimeout(timer);
    this.setting.onClose(this, this.closeReason ?? "closed by the client");
  }
}
