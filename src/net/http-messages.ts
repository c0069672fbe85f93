import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import { jsonEncoding, type MessageEncoding, ttlvEncoding, xmlEncoding } from "#protocol/encodings/message-encoding.js";

/** Where KMIP is served. */
const path = "/kmip";

/** The encodings by the types clients send; the answer has the first type of its encoding (§2.5). */
const contentTypes: readonly (readonly [type: string, encoding: MessageEncoding])[] = [
  ["application/octet-stream", ttlvEncoding],
  ["text/xml", xmlEncoding],
  ["application/xml", xmlEncoding],
  ["application/json", jsonEncoding],
];

/** A request that gets a status of HTTP instead of a KMIP message, with a hint for people. */
export class HttpRefusal extends Error {
  override readonly name = "HttpRefusal";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, hint: string, headers: Readonly<Record<string, string>> = {}) {
    super(hint);
    this.status = status;
    this.headers = headers;
  }
}

/** The encoding of a request's message, by its head alone. Throws HttpRefusal. */
export function encodingOf(request: IncomingMessage, maximumBytes: number): MessageEncoding {
  const { method, url = "", headers } = request;
  if (url.replace(/\?.*$/, "") !== path) throw new HttpRefusal(404, `KMIP is served at ${path}`);
  if (method !== "POST") throw new HttpRefusal(405, `KMIP messages are sent with POST to ${path}`, { allow: "POST" });
  if ((headers["content-encoding"] ?? "identity") !== "identity") {
    throw new HttpRefusal(415, "the message must be sent as it is, without a Content-Encoding");
  }
  const encoding = encodingOfType(headers["content-type"] ?? "");
  if (Number(headers["content-length"] ?? 0) > maximumBytes) throw tooLarge(maximumBytes);
  return encoding;
}

/** A message above the limit. */
export function tooLarge(maximumBytes: number): HttpRefusal {
  return new HttpRefusal(413, `a message may have ${maximumBytes} bytes`);
}

function encodingOfType(contentType: string): MessageEncoding {
  const [type = "", ...parameters] = contentType.toLowerCase().split(";");
  const found = contentTypes.find(([each]) => each === type.trim());
  if (found === undefined) {
    const types = contentTypes.map(([each]) => each).join(", ");
    throw new HttpRefusal(415, `the Content-Type must be one of ${types}`, { "accept-post": types });
  }
  const charset = parameters.map((each) => each.trim().split("=")).find(([name]) => name === "charset")?.[1];
  if (charset !== undefined && !["utf-8", "us-ascii"].includes(charset.replaceAll('"', ""))) {
    throw new HttpRefusal(415, "the message must be in UTF-8");
  }
  return found[1];
}

/** What goes back for one request. */
export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A KMIP message as the answer. */
export function messageAnswer(encoding: MessageEncoding, body: Buffer): HttpAnswer {
  const [contentType] = contentTypes.find(([, each]) => each === encoding) ?? contentTypes[0] ?? [""];
  return { status: 200, contentType, body };
}

/** A status with its hint as plain text. */
export function refusalAnswer({ status, message, headers }: HttpRefusal): HttpAnswer {
  return { status, contentType: "text/plain; charset=utf-8", body: Buffer.from(`${message}\n`), headers };
}

/** Writes an answer; `isLast` ends the connection behind it. */
export function sendAnswer(response: ServerResponse, answer: HttpAnswer, isLast: boolean): void {
  response.writeHead(answer.status, {
    ...answer.headers,
    "content-type": answer.contentType,
    "content-length": answer.body.length,
    "cache-control": "no-cache",
    ...(isLast && { connection: "close" }),
  });
  response.end(answer.body);
}

/** An answer as bytes, for requests that could not be read so far that there is anything to answer through. */
export function rawAnswer(refusal: HttpRefusal): string {
  const { status, contentType, body } = refusalAnswer(refusal);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    `content-type: ${contentType}`,
    `content-length: ${body.length}`,
    "cache-control: no-cache",
    "connection: close",
  ];
  return `${head.join("\r\n")}\r\n\r\n${body.toString()}`;
}
