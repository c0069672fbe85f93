import type { KmipClient } from "./kmip-client.js";
import { connectTo, type TestServer } from "./server.js";

const connections = 8;

/** Works through a list over several connections at once, so that the server commits the work of many together. */
export async function sideBySide<T>(
  server: TestServer,
  list: readonly T[],
  work: (each: T, client: KmipClient) => Promise<void>,
): Promise<void> {
  const waiting = list.values();
  const run = async (): Promise<void> => {
    const client = await connectTo(server);
    try {
      for (const each of waiting) await work(each, client);
    } finally {
      await client.close();
    }
  };
  await Promise.all(Array.from({ length: connections }, run));
}
