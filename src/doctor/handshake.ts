import type { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { type ConnectionOptions, connect, type SecureVersion, type TLSSocket } from "node:tls";
import { reasonOf } from "#src/net/handshake-diagnosis.js";
import type { Target } from "./target.js";

/** A handshake that came to its end on this side. */
export interface Shaken {
  readonly socket: TLSSocket;
  readonly protocol: string;
  readonly cipher: string;
  readonly certificate: X509Certificate | undefined;
  /** OpenSSL's verdict on the server's chain; empty where it is trusted. */
  readonly verdict: string;
}

/** A handshake that failed: the code of node:tls or the system, `TIMEOUT`, or `CLOSED`. */
export interface Unshaken {
  readonly code: string;
  readonly words: string;
}

/** What to offer in a handshake. */
export interface Offer {
  readonly version?: SecureVersion;
  readonly ciphers?: string;
  /** Whether the client's certificate is shown, if there is one. */
  readonly showsCertificate: boolean;
}

/** All that OpenSSL still has, so that old servers are found out as well. */
export const everything = "ALL:@SECLEVEL=0";

/** Makes a handshake and judges nothing. Never rejects. The caller ends the socket. */
export function handshake(target: Target, offer: Offer): Promise<Shaken | Unshaken> {
  return new Promise((resolve) => {
    let socket: TLSSocket;
    try {
      socket = connect(optionsFor(target, offer));
    } catch (error) {
      // Files that OpenSSL cannot use are found by the step that looks at them.
      resolve(unshaken(error));
      return;
    }
    const fail = (outcome: Unshaken): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(
      () => fail({ code: "TIMEOUT", words: `no answer within ${target.milliseconds / 1000} seconds` }),
      target.milliseconds,
    );
    socket.on("error", (error) => fail(unshaken(error)));
    socket.once("close", () => fail({ code: "CLOSED", words: "the connection was closed" }));
    socket.once("secureConnect", () => {
      clearTimeout(timer);
      socket.removeAllListeners("close").removeAllListeners("error");
      resolve({
        socket,
        protocol: socket.getProtocol() ?? "unknown",
        cipher: socket.getCipher().name,
        certificate: socket.getPeerX509Certificate(),
        verdict: socket.authorized ? "" : String(socket.authorizationError),
      });
    });
  });
}

function optionsFor(target: Target, { version, ciphers, showsCertificate }: Offer): ConnectionOptions {
  const { host, port, serverName = host, certificate, key, authority } = target;
  const shown = showsCertificate && certificate !== undefined && key !== undefined ? { cert: certificate, key } : {};
  return {
    host,
    port,
    ...shown,
    // Never left undefined: node:tls would then trust the public authorities of the web.
    ca: authority ?? [],
    ...(isIP(serverName) === 0 && { servername: serverName }),
    // Names are a step of their own.
    checkServerIdentity: () => undefined,
    rejectUnauthorized: false,
    minVersion: version ?? "TLSv1",
    maxVersion: version ?? "TLSv1.3",
    ciphers: ciphers ?? everything,
  };
}

/** Whether a handshake came to its end. */
export function isShaken(outcome: Shaken | Unshaken): outcome is Shaken {
  return "socket" in outcome;
}

/** What an error of a connection says. */
export function unshaken(error: unknown): Unshaken {
  if (!(error instanceof Error)) return { code: "UNKNOWN", words: String(error) };
  const code = "code" in error && typeof error.code === "string" ? error.code : "UNKNOWN";
  return { code, words: reasonOf(error) };
}
