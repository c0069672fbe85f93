import { BatchErrorContinuationOption } from "#protocol/enums/index.js";
import { encodeRequest } from "#protocol/messages/requests.js";
import { formatVersion, type ProtocolVersion, supportedVersions, V1_0, V1_1, V2_0 } from "#protocol/versions.js";
import { type Channel, ChannelError } from "#src/net/exchange.js";
import { connectTo } from "#src/net/outgoing.js";
import { type Answer, answersTo, maximumAnswerBytes, readAnswer } from "./answers.js";
import { type AnswersTo, type Asked, asked } from "./asked.js";
import { calls, type KmipCall } from "./calls.js";
import { KmipConnectionError, KmipFailure } from "./errors.js";
import type { ClientFiles } from "./identity.js";

/** Where a server is, as whom to connect, and in which versions to speak. */
export interface KmipClientOptions {
  readonly host: string;
  readonly port: number;
  readonly files: ClientFiles;
  /** The name that the server's certificate must hold where it is not the host's. */
  readonly serverName?: string;
  /** What this side can speak, best first; all that this software speaks if left out. One alone is not negotiated. */
  readonly versions?: readonly ProtocolVersion[];
  readonly connectMilliseconds?: number;
  readonly answerMilliseconds?: number;
}

/** How a batch goes on after a failure: Undo takes back all of it (KMIP 2.1 §9.6). */
export type BatchContinuation = keyof typeof BatchErrorContinuationOption;

/**
 * A KMIP client over one TLS connection. All its calls reject with KmipConnectionError where the server is not reached,
 * does not answer in time or answers what is no answer, and with KmipFailure where it refuses.
 */
export class KmipClient {
  /** What the server's clock said in its last answer: seconds since 1970, UTC; undefined before the first. */
  serverTime: number | undefined;

  private constructor(
    private readonly channel: Channel,
    /** The version that both sides speak. */
    readonly version: ProtocolVersion,
  ) {}

  /** Connects, checks the server's certificate by the client's authority, and settles the version. */
  static async connect(options: KmipClientOptions): Promise<KmipClient> {
    const { host, port, files, serverName, versions = supportedVersions } = options;
    const channel = await reached(
      `cannot connect to ${host}:${port}`,
      connectTo({
        host,
        port,
        certificatePem: files.certificate,
        privateKeyPem: files.key,
        authorityPem: files.authority,
        ...(serverName !== undefined && { serverName }),
        connectMilliseconds: options.connectMilliseconds ?? 10_000,
        answerMilliseconds: options.answerMilliseconds ?? 60_000,
        maximumMessageBytes: maximumAnswerBytes,
      }),
    );
    try {
      return new KmipClient(channel, await settledVersion(channel, versions));
    } catch (error) {
      channel.close("no version in common");
      throw error;
    }
  }

  /** Asks one thing and gives the answer's payload. */
  async ask<Request, Response>(call: KmipCall<Request, Response>, request: Request): Promise<Response> {
    const [answer] = await this.askAll([asked(call, request)]);
    return answer;
  }

  /** Asks several things in one message, of which all must succeed; the server does them in order. */
  async askAll<const List extends readonly Asked<unknown>[]>(
    list: List,
    continuation: BatchContinuation = "Stop",
  ): Promise<AnswersTo<List>> {
    const answer = await exchange(this.channel, this.version, list, continuation);
    this.serverTime = answer.timeStamp;
    return answersTo(list, answer);
  }

  /** Ends the connection. */
  close(): void {
    this.channel.close("done");
  }
}

/** The best version of ours that the server speaks. */
async function settledVersion(channel: Channel, versions: readonly ProtocolVersion[]): Promise<ProtocolVersion> {
  const [best, second] = versions;
  if (best === undefined) throw new RangeError("a client speaks one version or more");
  if (second === undefined) return best;
  const told = await discoveredVersions(channel, versions);
  const common = versions.find((version) => told.includes(version));
  if (common !== undefined) return common;
  const names = versions.map(formatVersion).join(", ");
  throw new KmipConnectionError(`the server speaks none of the versions of KMIP that this client does (${names})`);
}

/** What Discover Versions tells. A server of 1.0 does not know it (KMIP 1.1 §4.26), one of 2.x alone no header of 1.x. */
async function discoveredVersions(
  channel: Channel,
  protocolVersions: readonly ProtocolVersion[],
): Promise<readonly ProtocolVersion[]> {
  const question = asked(calls.discoverVersions, { protocolVersions });
  for (const version of [V1_1, V2_0]) {
    try {
      const [told] = answersTo([question], await exchange(channel, version, [question], "Stop"));
      return told.protocolVersions;
    } catch (error) {
      if (!(error instanceof KmipFailure)) throw error;
    }
  }
  return [V1_0];
}

async function exchange(
  channel: Channel,
  version: ProtocolVersion,
  list: readonly Asked<unknown>[],
  continuation: BatchContinuation,
): Promise<Answer> {
  const single = list.length === 1;
  const header = {
    protocolVersion: version,
    attestationType: [],
    ...(!single && {
      batchErrorContinuationOption: BatchErrorContinuationOption[continuation],
      batchOrderOption: true,
    }),
  };
  const items = list.map(({ operation, payload }, place) => ({
    operation,
    requestPayload: payload(version),
    ...(!single && { uniqueBatchItemId: Buffer.from(String(place)) }),
  }));
  return readAnswer(await reached(unanswered, channel.request(encodeRequest(header, items))));
}

/** A client's certificate that the server does not accept shows only here: with TLS 1.3 the handshake ends before. */
const unanswered = "the server does not answer (its log says why)";

/** What a connection did not do, in the words of this client. */
async function reached<T>(what: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error;
    throw new KmipConnectionError(`${what}: ${error.message}`);
  }
}
