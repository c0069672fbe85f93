import { KmipConnection } from "./connection.js";
import type { KmipHandler } from "./handler.js";
import { TlsListener, type TlsListenerOptions } from "./tls-listener.js";

/** How a listener is set up. */
export interface KmipListenerOptions extends Omit<TlsListenerOptions, "port" | "authorise"> {
  /** 5696 when left out, the port registered for KMIP; 0 takes any free one. */
  readonly port?: number;
  readonly handler: KmipHandler;
}

/** A listener of KMIP over TLS. */
export type KmipListener = TlsListener;

const registeredPort = 5696;

/**
 * Makes a listener of KMIP over TLS (KMIP profiles, "TLS 1.2/1.3 authentication suites"), which cuts the bytes of its
 * connections into messages and gives these to the handler; `listen` starts it. Knows nothing of what is in a message.
 *
 * @throws TlsSettingsError when certificates, keys or authorities cannot be used.
 */
export function createKmipListener({ handler, port = registeredPort, ...rest }: KmipListenerOptions): KmipListener {
  const authorise = handler.authorise?.bind(handler);
  return new TlsListener(
    { ...rest, port, ...(authorise && { authorise }) },
    {
      connection: (socket, client, limits, events) =>
        new KmipConnection(socket, client, { limits, handler, ...events }),
    },
  );
}
