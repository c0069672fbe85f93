import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { Operation, ResultStatus } from "#protocol/enums/index.js";
import {
  announcedVersion,
  decodeRequestMessage,
  requestBatchItem,
  responseMessage,
} from "#protocol/messages/message.js";
import { payloads } from "#protocol/payloads/index.js";
import { Tag } from "#protocol/tags.js";
import type { Item } from "#protocol/ttlv/item.js";
import { decodeItem } from "#protocol/ttlv/reader.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { type ProtocolVersion, V1_0 } from "#protocol/versions.js";
import type { ClientIdentity, KmipClient } from "./kmip-client.js";

/** A request of the server, as a client in the server role reads it. */
export interface Received {
  readonly operation: number;
  readonly version: ProtocolVersion;
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly message: Item;
}

/** A client in the server role: reads what the server asks, and answers it. */
export class ServingClient {
  readonly received: Received[] = [];
  private readonly versions: readonly ProtocolVersion[];
  private readonly operations: readonly number[];
  private readonly listeners: (() => void)[] = [];

  constructor(
    versions: readonly ProtocolVersion[],
    operations: readonly number[] = [Operation.DiscoverVersions, Operation.Query, Operation.Notify, Operation.Put],
  ) {
    this.versions = versions;
    this.operations = operations;
  }

  /** Answers one request message. */
  answer(bytes: Buffer): Buffer {
    const message = decodeItem(bytes);
    const version = announcedVersion(message) ?? V1_0;
    const { requestHeader, batchItems } = decodeRequestMessage(message, { version });
    const [tree] = batchItems;
    if (tree === undefined) throw new RangeError("the request has no item");
    const { operation, requestPayload } = requestBatchItem.decode(tree, { version });
    const shapes = payloads.find((row) => row.operation === operation);
    if (shapes === undefined) throw new RangeError(`operation ${operation} has no payload`);
    const payload = shapes.request.decode(requestPayload, { version }) as Readonly<Record<string, unknown>>;
    this.received.push({ operation, version, header: requestHeader, payload, message });
    for (const listener of this.listeners.splice(0)) listener();
    const told = { protocolVersions: this.versions, operations: this.operations };
    const responsePayload = shapes.response.encode(Tag.ResponsePayload, { ...emptyQuery, ...told }, { version });
    const answer = {
      responseHeader: { protocolVersion: version, timeStamp: 0, attestationType: [], batchCount: 1 },
      batchItems: [{ operation, resultStatus: ResultStatus.Success, responsePayload, messageExtension: [] }],
    };
    return encodeItem(responseMessage.encode(Tag.ResponseMessage, answer, { version }));
  }

  /** The first request of an operation that meets a condition, now or when it comes. */
  async first(operation: number, meets: (received: Received) => boolean = () => true): Promise<Received> {
    for (;;) {
      const found = this.received.find((each) => each.operation === operation && meets(each));
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.listeners.push(resolve));
    }
  }

  /** Answers everything that comes over a connection of a client, until it ends. */
  async serveOver(client: KmipClient): Promise<void> {
    for (;;) client.send(this.answer(await client.nextAnswer()));
  }

  /** Answers everything that comes to a port. */
  async listen(identity: ClientIdentity, port = 0): Promise<{ readonly port: number; stop(): Promise<void> }> {
    const sockets = new Set<TLSSocket>();
    const { certificate, key, authority } = identity;
    const server: Server = createServer({ cert: certificate, key, ca: authority, requestCert: true }, (socket) => {
      sockets.add(socket);
      let waiting = Buffer.alloc(0);
      socket.on("error", () => socket.destroy());
      socket.on("data", (chunk: Buffer) => {
        waiting = Buffer.concat([waiting, chunk]);
        while (waiting.length >= 8 && waiting.length >= 8 + waiting.readUInt32BE(4)) {
          const length = 8 + waiting.readUInt32BE(4);
          socket.write(this.answer(waiting.subarray(0, length)));
          waiting = waiting.subarray(length);
        }
      });
    });
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return {
      port: (server.address() as AddressInfo).port,
      stop: async () => {
        for (const socket of sockets) socket.destroy();
        server.close();
        await once(server, "close");
      },
    };
  }
}

const emptyQuery = {
  objectTypes: [],
  applicationNamespaces: [],
  extensionInformation: [],
  attestationTypes: [],
  rngParameters: [],
  profileInformation: [],
  validationInformation: [],
  capabilityInformation: [],
  clientRegistrationMethods: [],
};
