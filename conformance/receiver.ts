import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import { createCertificateAuthority, issueClientCertificate, issueServerCertificate } from "#certs/certificates.js";
import { createKeyPair, privateKeyPem } from "#certs/keys.js";
import { ttlvEncoding } from "#protocol/encodings/message-encoding.js";
import { announcedVersion } from "#protocol/messages/message.js";
import type { Item } from "#protocol/ttlv/item.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { formatVersion } from "#protocol/versions.js";
import { FrameReader } from "#src/net/frame-reader.js";

/** What a server is told so that it can send requests here: PEM, and the port on the loopback address. */
export interface ReceiverAddress {
  readonly port: number;
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
}

/** A request that a server sent of itself, and how to answer it. */
export interface ServerRequest {
  readonly message: Item;
  answer(response: Item): void;
}

/** How long a request may take to come. */
const requestMilliseconds = 60_000;
const maximumMessageBytes = 64 * 1024 * 1024;

/** Takes the requests that a server sends of itself, told apart by the version they are in. */
export class Receiver {
  readonly address: ReceiverAddress;
  private readonly arrived = new Map<string, ServerRequest[]>();
  private readonly awaited = new Map<string, (request: ServerRequest) => void>();
  private readonly stopListening: () => Promise<void>;

  private constructor(address: ReceiverAddress, stopListening: () => Promise<void>) {
    this.address = address;
    this.stopListening = stopListening;
  }

  /** Listens on a free port, with certificates made for this run. */
  static async start(): Promise<Receiver> {
    const ca = await createCertificateAuthority({ commonName: "conformance receiver", validityDays: 2 });
    const { publicKey, privateKey } = await createKeyPair("ec-p256");
    const names = ["127.0.0.1"];
    const cert = issueServerCertificate({ ca, publicKey, names, commonName: "127.0.0.1", validityDays: 1 });
    const shown = await issueClientCertificate({ ca, commonName: "server", validityDays: 1 });
    const sockets = new Set<TLSSocket>();
    let receiver: Receiver | undefined;
    const options = { cert, key: privateKeyPem(privateKey), ca: ca.certificatePem, requestCert: true };
    const server = createServer({ ...options, rejectUnauthorized: true }, (socket) => {
      sockets.add(socket);
      receiver?.take(socket);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const address = {
      port,
      certificate: shown.certificatePem,
      key: shown.privateKeyPem,
      authority: ca.certificatePem,
    };
    receiver = new Receiver(address, async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    });
    return receiver;
  }

  /** The next request in a version. Rejects where none comes in time. */
  next(version: string): Promise<ServerRequest> {
    const early = this.arrived.get(version)?.shift();
    if (early !== undefined) return Promise.resolve(early);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("the server sent no request in time")), requestMilliseconds);
      this.awaited.set(version, (request) => {
        clearTimeout(timer);
        this.awaited.delete(version);
        resolve(request);
      });
    });
  }

  stop(): Promise<void> {
    return this.stopListening();
  }

  private take(socket: TLSSocket): void {
    const reader = new FrameReader(maximumMessageBytes);
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk: Buffer) => {
      reader.push(chunk);
      for (let bytes = reader.next(); bytes !== undefined; bytes = reader.next()) {
        this.arrive({
          message: decodeItem(bytes),
          answer: (response) => {
            socket.write(ttlvEncoding.write(response));
          },
        });
      }
    });
  }

  private arrive(request: ServerRequest): void {
    const announced = announcedVersion(request.message);
    const version = announced === undefined ? "" : formatVersion(announced);
    const awaiting = this.awaited.get(version);
    if (awaiting !== undefined) awaiting(request);
    else this.arrived.set(version, [...(this.arrived.get(version) ?? []), request]);
  }
}
