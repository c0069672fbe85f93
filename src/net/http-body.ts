import type { IncomingMessage } from "node:http";
import { HttpRefusal, tooLarge } from "./http-messages.js";

/**
 * Collects the body of a request, whether its length was told or it comes in chunks. Room grows with the bytes that
 * have really arrived. Throws HttpRefusal.
 */
export function readBody(request: IncomingMessage, maximumBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const take = (chunk: Buffer): void => {
      length += chunk.length;
      chunks.push(chunk);
      if (length <= maximumBytes) return;
      request.off("data", take);
      reject(tooLarge(maximumBytes));
    };
    request.on("data", take);
    request.once("end", () => {
      if (length > 0) resolve(Buffer.concat(chunks, length));
      else reject(new HttpRefusal(400, "the request has no body: a KMIP message is wanted"));
    });
    request.once("error", () => reject(new HttpRefusal(400, "the body ended before its length")));
  });
}
