import { randomUUID } from "node:crypto";
import { type MessageEncoding, ttlvEncoding } from "#protocol/encodings/message-encoding.js";
import type { RequestMessage } from "#protocol/messages/message.js";
import { formatVersion, type ProtocolVersion, V1_0 } from "#protocol/versions.js";
import { type Caller, callerOf, type Entrance, type FoundClient, refusalOf } from "#src/access/caller.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { RequestContext } from "#src/operations/contract/context.js";
import { newIdentifier } from "#storage/identifiers.js";
import { type AuditRecord, type ClientIdentity, serverChain } from "#storage/types.js";
import { commitEnding } from "./pipeline/commit.js";
import { failureOf } from "./pipeline/failure.js";
import type { Forwarding } from "./pipeline/forwarding.js";
import { type ReadMessage, readMessage, UnreadableMessage, versionAtStart } from "./pipeline/read-message.js";
import { RefusalAnswers } from "./pipeline/refusal-answers.js";
import { batchItemOf, encodeResponse, encodeWithin, errorItem, type ResponseSetting } from "./pipeline/response.js";
import { ResponseRoom } from "./pipeline/response-room.js";
import { runBatch } from "./pipeline/run-batch.js";
import type { Services } from "./pipeline/services.js";
import { TurnRefusal } from "./pipeline/turns/turn-refusal.js";
import type { Turn } from "./pipeline/turns/turns.js";
import { askerOf, strangerAt } from "./pipeline/turns/work-sharing.js";

/** Where a message came from. */
export interface MessageOrigin {
  readonly sourceAddress: string;
  /** SHA-256 of the client's certificate, 64 lower-case hex digits; null where it sent none. */
  readonly certificateFingerprint: string | null;
  /** What the listener adds; absent for one that serves everybody alike. */
  readonly entrance?: Entrance;
  /** Has the client take the server role on this connection once it is answered; absent where it cannot. */
  readonly reverse?: () => void;
  /** Whether the client is still there to be answered; absent where that is not known. */
  readonly isOpen?: () => boolean;
  /** Told that nothing of the message was done, because too much is asked for. */
  readonly refusedForNow?: () => void;
  /** Told who asks, once that is known. */
  readonly identified?: (caller: Caller) => void;
}

/** An answer as it goes to the client. */
export interface EncodedAnswer {
  readonly bytes: Buffer;
  /** Whether the request told its version; else the answer is in 1.0, and the client may not know what it is. */
  readonly isVersionTold: boolean;
}

/**
 * The way of every request message, whatever transport brought it:
 *  wait for its turn → read it → know the caller → run the items (pipeline/run-item.ts lists their steps) → encode → keep
 *  within the size.
 * Gives the bytes of exactly one response message. Never throws.
 */
export class RequestPipeline {
  private readonly services: Services;
  private readonly refusalAnswers = new RefusalAnswers();

  constructor(services: Services) {
    this.services = services;
    services.forwarding.answerWith((encoding, bytes, origin) => this.answerHere(encoding, bytes, origin));
  }

  /** Answers a message in TTLV. */
  async answer(bytes: Buffer, origin: MessageOrigin): Promise<Buffer> {
    return (await this.answerIn(ttlvEncoding, bytes, origin)).bytes;
  }

  /** Answers a message in the encoding it came in, or has the process do so that keeps what it goes on with. */
  answerIn(encoding: MessageEncoding, bytes: Buffer, origin: MessageOrigin): Promise<EncodedAnswer> {
    return this.answerHere(encoding, bytes, origin, this.services.forwarding);
  }

  private async answerHere(
    encoding: MessageEncoding,
    bytes: Buffer,
    origin: MessageOrigin,
    forwarding?: Forwarding,
  ): Promise<EncodedAnswer> {
    const setting = this.newSetting(encoding);
    const { identity, fault } = await this.identify(origin);
    let version: ProtocolVersion = V1_0;
    let turn: Turn | undefined;
    try {
      turn = await this.turnOf(bytes, origin, identity);
      const read = readMessage(encoding, bytes, this.services.limits);
      version = read.version;
      if (fault !== undefined) throw fault;
      const elsewhere = await forwarding?.answer(read.message, encoding, bytes, origin);
      if (elsewhere !== undefined) return elsewhere;
      const answer = await this.answerRead(read, { ...origin, turn }, identity, { ...setting, version });
      return { bytes: answer, isVersionTold: true };
    } catch (thrown) {
      if (thrown instanceof TurnRefusal) {
        origin.refusedForNow?.();
        const version = versionAtStart(encoding, bytes, this.services.limits);
        return this.answerRefused(thrown, { ...setting, version });
      }
      const answer = await this.answerUnreadable(thrown, origin, identity, { ...setting, version });
      return { bytes: answer, isVersionTold: !(thrown instanceof UnreadableMessage) || thrown.isVersionTold };
    } finally {
      turn?.done();
    }
  }

  /** The turn of a message that was not looked into yet. Throws, or rejects with, TurnRefusal. */
  private turnOf(bytes: Buffer, origin: MessageOrigin, identity: ClientIdentity | null): Turn | Promise<Turn> {
    const { sourceAddress, entrance, isOpen } = origin;
    const asker = identity === null ? strangerAt(sourceAddress) : askerOf(callerOf(identity, entrance?.profile));
    return this.services.sharing.admit({ asker, bytes: bytes.length, ...(isOpen && { isWanted: isOpen }) });
  }

  /** Says that nothing was done because too much is asked for; the audit counts such answers instead of listing them. */
  private answerRefused(refusal: TurnRefusal, setting: ResponseSetting): EncodedAnswer {
    this.services.metrics.itemDone("(message)", refusal.reason, 0);
    return { bytes: this.refusalAnswers.answerTo(refusal, setting), isVersionTold: true };
  }

  /** The answer to a message that the transport could not take, such as one above the size limit; audited. */
  async refuse(error: KmipError, origin: MessageOrigin, version: ProtocolVersion): Promise<Buffer> {
    const { identity } = await this.identify(origin);
    const unreadable = new UnreadableMessage(version, error);
    return this.answerUnreadable(unreadable, origin, identity, { ...this.newSetting(ttlvEncoding), version });
  }

  private newSetting(encoding: MessageEncoding): Omit<ResponseSetting, "version"> {
    const now = Math.floor(this.services.clock.wallMilliseconds() / 1000);
    return { encoding, now, correlationId: randomUUID() };
  }

  /** Who a certificate belongs to; or why that cannot be found out now, which is no reason to call it unknown. */
  private async identify(
    origin: MessageOrigin,
  ): Promise<{ readonly identity: ClientIdentity | null; readonly fault?: unknown }> {
    if (origin.certificateFingerprint === null) return { identity: null };
    try {
      return { identity: await this.services.identities.find(origin.certificateFingerprint) };
    } catch (fault) {
      return { identity: null, fault };
    }
  }

  private async answerRead(
    { message, tree }: ReadMessage,
    origin: MessageOrigin & { readonly turn: Turn },
    identity: ClientIdentity | null,
    partial: ResponseSetting,
  ): Promise<Buffer> {
    const { version, now, correlationId } = partial;
    const { caller, serverHashedPassword } = await this.callerOf(message, origin, identity, version);
    origin.identified?.(caller);
    if (identity === null) this.services.sharing.grant(askerOf(caller));
    const attestation = await this.services.attestation.judge(caller, message.requestHeader);
    const request: RequestContext = {
      version,
      header: message.requestHeader,
      caller,
      attestationRefusal: attestation.refusal,
      sourceAddress: origin.sourceAddress,
      correlationId,
      now,
      ...(origin.reverse !== undefined && { reverse: origin.reverse }),
      aside: (work) => origin.turn.aside(work),
    };
    const { requestHeader: header } = message;
    const setting = { ...partial, header, request: tree, nonce: attestation.nonce, serverHashedPassword };
    const { items, undone } = await runBatch(this.services, request, message, this.roomFor(setting, message));
    const answers = items.map((item) => batchItemOf(item, setting, undone));
    return encodeWithin(answers, setting, message.requestHeader.maximumResponseSize);
  }

  /** Who asks, after certificate and credentials were checked. Throws UnreadableMessage where nobody is to be served. */
  private async callerOf(
    { requestHeader }: RequestMessage,
    { sourceAddress, certificateFingerprint, entrance }: MessageOrigin,
    identity: ClientIdentity | null,
    version: ProtocolVersion,
  ): Promise<{ readonly caller: Caller; readonly serverHashedPassword: Buffer | undefined }> {
    const { credentials, clock } = this.services;
    const refuse = (found: FoundClient | null): void => {
      const words = refusalOf(found, clock.wallMilliseconds(), entrance);
      if (words !== undefined) throw new KmipError("AuthenticationNotSuccessful", words);
    };
    try {
      if (certificateFingerprint !== null) refuse(identity);
      const answer = await credentials.authenticate(requestHeader, identity, sourceAddress, entrance?.tenant);
      const { found, ticket, subject, serverHashedPassword } = answer;
      if (certificateFingerprint === null) refuse(found);
      const shown = { ...(ticket === undefined ? {} : { ticket }), ...(subject === undefined ? {} : { subject }) };
      const caller = callerOf(found, entrance?.profile);
      return { caller: (ticket ?? subject) ? { ...caller, ...shown } : caller, serverHashedPassword };
    } catch (error) {
      if (!(error instanceof KmipError)) throw error;
      throw new UnreadableMessage(version, error);
    }
  }

  private roomFor(setting: ResponseSetting, { requestHeader, batchItems }: RequestMessage): ResponseRoom | undefined {
    const { maximumResponseSize } = requestHeader;
    if (maximumResponseSize === undefined) return undefined;
    return new ResponseRoom(setting, maximumResponseSize, batchItems.length);
  }

  private async answerUnreadable(
    thrown: unknown,
    origin: MessageOrigin,
    identity: ClientIdentity | null,
    setting: ResponseSetting,
  ): Promise<Buffer> {
    const unreadable = thrown instanceof UnreadableMessage ? thrown : undefined;
    const { error, severity } = failureOf(unreadable?.error ?? thrown, setting.correlationId);
    const version = unreadable?.version ?? setting.version;
    const who = identity === null ? {} : { tenant: identity.tenant.name, client: identity.client.name };
    const { sourceAddress, certificateFingerprint } = origin;
    const { correlationId } = setting;
    const fields = { correlationId, sourceAddress, ...who, certificateFingerprint, reason: error.reason };
    if (severity === "fault") this.services.log.error({ ...fields, error }, "a message could not be served");
    else if (severity === "known") this.services.log.debug(fields, "a message could not be served");
    else this.services.log.warn({ ...fields, detail: error.message }, "a message was refused");
    this.services.metrics.itemDone("(message)", error.reason, 0);
    const record = messageRecord(this.services, origin, identity, {
      error,
      version,
      correlationId: setting.correlationId,
    });
    return this.recordRefusal(record, error, { ...setting, version });
  }

  private async recordRefusal(record: AuditRecord, error: KmipError, setting: ResponseSetting): Promise<Buffer> {
    try {
      await commitEnding(this.services, { changes: [], records: [record] });
      return encodeResponse([errorItem(error, setting.version)], setting);
    } catch (failure) {
      const { error: told, severity } = failureOf(failure, setting.correlationId);
      const level = severity === "known" ? "debug" : "error";
      const fields = { correlationId: setting.correlationId, error: failure };
      this.services.log[level](fields, "a refusal could not be audited");
      return encodeResponse([errorItem(told, setting.version)], setting);
    }
  }
}

/** The audit record of a message that never became batch items. */
function messageRecord(
  services: Services,
  origin: MessageOrigin,
  identity: ClientIdentity | null,
  told: { readonly error: KmipError; readonly version: ProtocolVersion; readonly correlationId: string },
): AuditRecord {
  return {
    tenantId: identity?.tenant.id ?? serverChain,
    timeMs: services.clock.wallMilliseconds(),
    eventId: newIdentifier(),
    clientId: identity?.client.id ?? null,
    clientName: identity?.client.name ?? null,
    certificateFingerprint: origin.certificateFingerprint,
    sourceAddress: origin.sourceAddress,
    protocolVersion: formatVersion(told.version),
    operation: "(message)",
    objectId: null,
    partition: identity?.tenant.name ?? null,
    outcome: "failure",
    resultReason: told.error.reason,
    durationMicroseconds: null,
    correlationId: told.correlationId,
    detail: null,
  };
}
