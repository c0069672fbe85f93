import { createKmipListener, type KmipListenerOptions } from "#src/net/listener.js";

/** A running echo server. */
export interface EchoServer {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * The bare transport as a baseline: the KMIP listener with the given options, whose handler gives each message back.
 * What a server does beyond this is what it costs.
 */
export async function startEchoServer(options: Omit<KmipListenerOptions, "handler">): Promise<EchoServer> {
  const listener = createKmipListener({
    ...options,
    handler: { onMessage: async (_connection, message) => message, onUnreadable: () => null },
  });
  const { port } = await listener.listen();
  return {
    port,
    stop: async () => {
      await listener.stop({ timeoutMilliseconds: 1000 });
    },
  };
}
