import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import type { CertificateAuthority } from "#certs/authority.js";
import {
  createCertificateAuthority,
  type IssuedCertificate,
  issueClientCertificate,
  issueServerCertificate,
} from "#certs/certificates.js";
import { createKeyPair, type KeyKind, privateKeyPem } from "#certs/keys.js";
import type { KmipHandler, ListenerObserver } from "#src/net/handler.js";
import type { HandshakeFailure } from "#src/net/handshake-diagnosis.js";
import { createKmipListener, type KmipListener, type KmipListenerOptions } from "#src/net/listener.js";

/** Certificates of one test file: an authority, a server certificate of each kind, a client's. */
export interface TestCertificates {
  readonly ca: CertificateAuthority;
  readonly ecServer: IssuedCertificate;
  readonly rsaServer: IssuedCertificate;
  readonly client: IssuedCertificate;
}

/** A server certificate for the loopback names. */
export async function makeServerCertificate(ca: CertificateAuthority, kind: KeyKind): Promise<IssuedCertificate> {
  const { publicKey, privateKey } = await createKeyPair(kind);
  const names = ["localhost", "127.0.0.1", "::1"];
  const certificatePem = issueServerCertificate({ ca, publicKey, names, commonName: "localhost", validityDays: 1 });
  return { certificatePem, privateKeyPem: privateKeyPem(privateKey) };
}

/** Makes the certificates that most tests need. */
export async function makeTestCertificates(): Promise<TestCertificates> {
  const ca = await createCertificateAuthority({ commonName: "Test authority", validityDays: 2 });
  return {
    ca,
    ecServer: await makeServerCertificate(ca, "ec-p256"),
    rsaServer: await makeServerCertificate(ca, "rsa-2048"),
    client: await issueClientCertificate({ ca, commonName: "test-client", validityDays: 1 }),
  };
}

/** A request or response message around any bytes, a multiple of eight of them. */
export function messageOf(content: Buffer | string): Buffer {
  const bytes = Buffer.from(content);
  const padded = Buffer.alloc(Math.ceil(bytes.length / 8) * 8);
  bytes.copy(padded);
  const header = Buffer.from("4200780100000000", "hex");
  header.writeUInt32BE(padded.length, 4);
  return Buffer.concat([header, padded]);
}

/** Answers each message with itself, and unreadable bytes with their reason. */
export const echoHandler: KmipHandler = {
  onMessage: async (_connection, message) => message,
  onUnreadable: (_connection, reason) => messageOf(reason),
};

/** A listener on a free loopback port with everything it told. */
export interface TestListener {
  readonly listener: KmipListener;
  readonly port: number;
  readonly failures: HandshakeFailure[];
  readonly closed: string[];
  readonly faults: unknown[];
  /** Resolves when `predicate` holds. */
  until(predicate: () => boolean): Promise<void>;
}

/** Starts a listener; the test's teardown stops it. */
export async function startTestListener(
  t: { teardown(done: () => Promise<unknown>): void },
  certificates: TestCertificates,
  options: Partial<KmipListenerOptions> = {},
): Promise<TestListener> {
  const told: Pick<TestListener, "failures" | "closed" | "faults"> = { failures: [], closed: [], faults: [] };
  const observer: ListenerObserver = {
    onClose: (_connection, reason) => {
      told.closed.push(reason);
    },
    onHandshakeFailure: (failure) => {
      told.failures.push(failure);
    },
    onFault: (error) => {
      told.faults.push(error);
    },
  };
  const listener = createKmipListener({
    host: "127.0.0.1",
    port: 0,
    tls: {
      certificates: [certificates.ecServer, certificates.rsaServer],
      clientAuthorities: [certificates.ca.certificatePem],
    },
    handler: echoHandler,
    ...options,
    observer,
  });
  const { port } = await listener.listen();
  t.teardown(() => listener.stop({ timeoutMilliseconds: 0 }));
  const until = async (predicate: () => boolean) => {
    while (!predicate()) await delay(2);
  };
  return { listener, port, ...told, until };
}

/** A TLS client that gathers what it receives. */
export class TestClient {
  readonly socket: TLSSocket;
  private received = Buffer.alloc(0);
  private wake: () => void = () => undefined;
  /** How the connection ended: `end` for the server's orderly end, an error code, or undefined while open. */
  ended: string | undefined;

  constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.wake();
    });
    const end = (how: string) => {
      this.ended ??= how;
      this.wake();
    };
    socket.on("end", () => end("end"));
    socket.on("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    socket.on("close", () => end("close"));
  }

  /** The next `length` bytes, or fewer where the connection ends before. */
  async read(length: number): Promise<Buffer> {
    while (this.received.length < length && this.ended === undefined) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    const bytes = this.received.subarray(0, length);
    this.received = this.received.subarray(bytes.length);
    return bytes;
  }

  /** What has come, as soon as something has; nothing where the connection ends before. */
  async readSome(): Promise<Buffer> {
    const first = await this.read(1);
    return Buffer.concat([first, await this.read(this.received.length)]);
  }

  /** Everything up to the end of the connection. */
  readAll(): Promise<Buffer> {
    return this.read(Number.POSITIVE_INFINITY);
  }

  /** Writes and waits until the bytes have left. */
  send(bytes: Buffer | string): Promise<void> {
    return new Promise((resolve) => this.socket.write(bytes, () => resolve()));
  }
}

/** What a client connects with. */
export interface ClientOptions extends ConnectionOptions {
  readonly as?: IssuedCertificate | null;
}

/** Connects, with the client certificate unless `as` says otherwise. Rejects when the client sees the handshake fail. */
export async function connectTestClient(
  certificates: TestCertificates,
  port: number,
  { as = certificates.client, ...options }: ClientOptions = {},
): Promise<TestClient> {
  const socket = connect({
    host: "127.0.0.1",
    port,
    servername: "localhost",
    ca: certificates.ca.certificatePem,
    ...(as !== null && { cert: as.certificatePem, key: as.privateKeyPem }),
    ...options,
  });
  socket.allowHalfOpen = true;
  await once(socket, "secureConnect");
  return new TestClient(socket);
}

/** Connects, sends a message and reads to the end, whatever the outcome: in TLS 1.3 a client learns of its refusal only when it reads. */
export async function attemptTestClient(
  certificates: TestCertificates,
  port: number,
  message: Buffer,
  options: ClientOptions = {},
): Promise<TestClient> {
  const { as = certificates.client, ...rest } = options;
  const shown = as === null ? {} : { cert: as.certificatePem, key: as.privateKeyPem };
  const socket = connect({
    host: "127.0.0.1",
    port,
    servername: "localhost",
    ca: certificates.ca.certificatePem,
    ...shown,
    ...rest,
  });
  const client = new TestClient(socket);
  socket.write(message);
  await client.readAll();
  return client;
}
