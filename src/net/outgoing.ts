import { connect, type TLSSocket } from "node:tls";
import { type Channel, ChannelError, Exchange } from "./exchange.js";
import { FrameReader, UnreadableRequestError } from "./frame-reader.js";
import { reasonOf } from "./handshake-diagnosis.js";

/** Where to connect to and what to show there, PEM. */
export interface OutgoingOptions {
  readonly host: string;
  readonly port: number;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  /** The authorities of the other side's certificate, which must name the host. */
  readonly authorityPem: string;
  /** The name that the certificate must hold where it is not the host's. */
  readonly serverName?: string;
  readonly connectMilliseconds: number;
  readonly answerMilliseconds: number;
  readonly maximumMessageBytes: number;
}

/** Connects to an endpoint that takes requests. Rejects with ChannelError. */
export function connectTo(options: OutgoingOptions): Promise<Channel> {
  const { host, port, certificatePem, privateKeyPem, authorityPem, serverName, connectMilliseconds } = options;
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void => {
      socket.destroy();
      reject(new ChannelError(reason));
    };
    const timer = setTimeout(() => fail("no connection came about in time"), connectMilliseconds);
    const socket = connect({
      host,
      port,
      cert: certificatePem,
      key: privateKeyPem,
      ca: authorityPem,
      minVersion: "TLSv1.2",
      ...(serverName !== undefined && { servername: serverName }),
    });
    socket.setNoDelay(true);
    socket.once("secureConnect", () => {
      clearTimeout(timer);
      socket.removeAllListeners("error");
      resolve(channelOver(socket, options));
    });
    socket.once("error", (error) => {
      clearTimeout(timer);
      fail(reasonOf(error));
    });
  });
}

function channelOver(socket: TLSSocket, { answerMilliseconds, maximumMessageBytes }: OutgoingOptions): Channel {
  const reader = new FrameReader(maximumMessageBytes);
  let reason = "closed by the other side";
  const close = (words: string): void => {
    reason = words;
    socket.destroy();
  };
  const exchange = new Exchange({ answerMilliseconds, close, send: (message) => socket.write(message) });
  socket.on("data", (chunk: Buffer) => {
    reader.push(chunk);
    try {
      for (let message = reader.next(); message !== undefined; message = reader.next()) exchange.received(message);
    } catch (error) {
      if (!(error instanceof UnreadableRequestError)) throw error;
      close(`the answer was ${error.reason}`);
    }
  });
  socket.on("error", (error) => close(`the connection broke: ${reasonOf(error)}`));
  socket.on("end", () => socket.end());
  socket.on("close", () => exchange.closed(reason));
  return exchange;
}
