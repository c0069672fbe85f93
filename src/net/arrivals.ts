import type { Socket } from "node:net";
import type { JointCounts } from "#src/siblings/joint-counts.js";
import { diagnoseFirstBytes, type HandshakeFailureCode } from "./handshake-diagnosis.js";
import type { ListenerLimits } from "./limits.js";

/** A TCP connection that has no TLS session yet. */
export interface Arrival {
  readonly key: string;
  readonly raw: Socket;
  readonly address: string;
  readonly port: number;
  /** Steady milliseconds. */
  readonly arrivedAt: number;
  silent: boolean;
  timer: NodeJS.Timeout;
}

/** What becomes of arrivals. */
export interface ArrivalSetting {
  readonly limits: ListenerLimits;
  /** Connections from each address. */
  readonly perAddress: JointCounts;
  /** The client began a TLS handshake: its first bytes are back in the socket. */
  onHandshake(raw: Socket): void;
  onFailure(
    code: HandshakeFailureCode,
    detail: string,
    from: { readonly address: string; readonly port: number },
  ): void;
}

/**
 * The connections between accept and the end of their handshake. Looks at the first bytes before TLS does, so that a
 * silent connection costs no TLS session and one that speaks something else is named; keeps the deadlines and the caps
 * on handshakes in progress and on connections from one address.
 */
export class Arrivals {
  private readonly setting: ArrivalSetting;
  private readonly pending = new Map<string, Arrival>();
  /** Arrivals whose handshake begins in one of the next turns of the event loop. */
  private readonly beginning: Arrival[] = [];

  constructor(setting: ArrivalSetting) {
    this.setting = setting;
  }

  /** Handshakes in progress, silent connections included. */
  get inProgress(): number {
    return this.pending.size;
  }

  /** Takes a new TCP connection in. */
  add(raw: Socket): void {
    const from = { address: plainAddress(raw.remoteAddress), port: raw.remotePort ?? 0 };
    // Errors of a socket always end in 'close', which settles the arrival.
    raw.on("error", () => raw.destroy());
    if (raw.remoteAddress === undefined) {
      raw.destroy();
      return;
    }
    if (this.setting.perAddress.count(from.address) >= this.setting.limits.maximumConnectionsPerAddress) {
      this.setting.onFailure("connections-of-address", "", from);
      raw.destroy();
      return;
    }
    this.count(from.address, raw);
    if (this.pending.size >= this.setting.limits.maximumHandshakes) this.endOldest();
    this.await(raw, from);
  }

  /** Takes an arrival out because its handshake is over, well or badly; undefined where it was settled before. */
  settle(socket: Socket): Arrival | undefined {
    const key = keyOf(socket);
    const arrival = this.pending.get(key);
    if (arrival === undefined) return undefined;
    clearTimeout(arrival.timer);
    this.pending.delete(key);
    return arrival;
  }

  /** Ends every handshake in progress. */
  endAll(code: HandshakeFailureCode): void {
    for (const arrival of [...this.pending.values()]) this.fail(arrival, code, "");
  }

  private count(address: string, raw: Socket): void {
    const { perAddress } = this.setting;
    perAddress.add(address, 1);
    raw.once("close", () => perAddress.add(address, -1));
  }

  private await(raw: Socket, from: { readonly address: string; readonly port: number }): void {
    const { limits } = this.setting;
    const arrival: Arrival = {
      key: keyOf(raw),
      raw,
      ...from,
      arrivedAt: performance.now(),
      silent: true,
      timer: setTimeout(() => this.fail(arrival, "no-data-in-time", ""), limits.firstByteMilliseconds),
    };
    this.pending.set(arrival.key, arrival);
    raw.once("close", () => {
      if (!this.pending.has(arrival.key)) return;
      this.fail(arrival, arrival.silent ? "no-data" : "closed-in-handshake", "");
    });
    const look = () => {
      const bytes: Buffer | null = raw.read();
      if (bytes === null) return;
      raw.off("readable", look);
      this.firstBytes(arrival, bytes);
    };
    raw.on("readable", look);
  }

  private firstBytes(arrival: Arrival, bytes: Buffer): void {
    const problem = diagnoseFirstBytes(bytes);
    if (problem !== undefined) {
      this.fail(arrival, problem, "");
      return;
    }
    arrival.silent = false;
    clearTimeout(arrival.timer);
    arrival.timer = setTimeout(
      () => this.fail(arrival, "handshake-timeout", ""),
      this.setting.limits.handshakeMilliseconds,
    );
    arrival.raw.unshift(bytes);
    this.beginning.push(arrival);
    if (this.beginning.length === 1) setImmediate(() => this.beginOne());
  }

  /** Begins one handshake in each turn of the event loop, so that a storm of them leaves requests their part of it. */
  private beginOne(): void {
    const arrival = this.beginning.shift();
    if (arrival !== undefined && this.pending.has(arrival.key)) this.setting.onHandshake(arrival.raw);
    if (this.beginning.length > 0) setImmediate(() => this.beginOne());
  }

  private endOldest(): void {
    const all = [...this.pending.values()];
    const victim = all.find((arrival) => arrival.silent) ?? all[0];
    if (victim === undefined) return;
    const age = performance.now() - victim.arrivedAt;
    if (age >= this.setting.limits.handshakeGraceMilliseconds) this.fail(victim, "handshakes-in-progress", "");
  }

  private fail(arrival: Arrival, code: HandshakeFailureCode, detail: string): void {
    clearTimeout(arrival.timer);
    this.pending.delete(arrival.key);
    this.setting.onFailure(code, detail, arrival);
    arrival.raw.destroy();
  }
}

/** An IPv4 address in its own form, also where an IPv6 socket shows it as `::ffff:192.0.2.1`. */
export function plainAddress(address: string | undefined): string {
  return (address ?? "").replace(/^::ffff:(?=\d+\.)/i, "");
}

/** The two ends of a connection: the same for a TCP socket and for the TLS socket over it. */
function keyOf(socket: Socket): string {
  return `${socket.remoteAddress}|${socket.remotePort}|${socket.localAddress}`;
}
