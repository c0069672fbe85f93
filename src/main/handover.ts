import type { Worker } from "node:cluster";

/** What `node:cluster` sends a server process with a new connection, and what that answers when it took or refused it. */
interface Handing {
  readonly act: "newconn";
  readonly seq: number;
}
interface Answer {
  readonly ack: number;
}

interface Connection {
  close(): void;
}

/**
 * Closes what was handed to a server process and not answered by it when the process has ended: `node:cluster` keeps such
 * a connection open for ever, and its client would wait until it gives up. To be called before the process is sent
 * anything.
 */
export function closeUnansweredAtEnd({ process }: Worker): void {
  const underway = new Map<number, Connection>();
  const send = process.send;
  process.send = (...sent: unknown[]): boolean => {
    const [message, connection] = sent;
    if (isHanding(message) && isConnection(connection)) underway.set(message.seq, connection);
    return Reflect.apply(send, process, sent);
  };
  process.on("internalMessage", (message: unknown) => {
    if (isAnswer(message)) underway.delete(message.ack);
  });
  let isDisconnected = false;
  process.once("disconnect", () => {
    isDisconnected = true;
  });
  // Comes after all that the process has still said; its exit does not.
  process.once("close", () => {
    // With a connection underway Node never says so, and the cluster may count the process among those that can take one.
    if (!isDisconnected) process.emit("disconnect");
    for (const connection of underway.values()) connection.close();
  });
}

function isHanding(message: unknown): message is Handing {
  return isOfCluster(message) && "act" in message && message.act === "newconn" && "seq" in message;
}

function isAnswer(message: unknown): message is Answer {
  return isOfCluster(message) && "ack" in message;
}

function isOfCluster(message: unknown): message is { readonly cmd: "NODE_CLUSTER" } {
  return typeof message === "object" && message !== null && "cmd" in message && message.cmd === "NODE_CLUSTER";
}

function isConnection(handle: unknown): handle is Connection {
  return typeof handle === "object" && handle !== null && "close" in handle && typeof handle.close === "function";
}
