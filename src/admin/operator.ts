import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import type { FastifyRequest } from "fastify";
import { certificateFingerprint } from "#certs/describe.js";
import { peerCertificate } from "#certs/peer-certificate.js";
import type { Actor } from "#src/administration/audit-record.js";
import type { OperatorRow } from "#storage/types.js";
import type { KnownOperators } from "./known-operators.js";

/** What a route demands of who calls it. */
export type Permission =
  /** A certificate of the operators' authority, registered or not. */
  | "probe"
  /** Any registered operator. */
  | "read"
  /** The same; while the database cannot say who asks, one that it knew shortly before. */
  | "watch"
  /** An administrator. */
  | "change";

/** Who makes a request. */
export interface Visitor {
  readonly certificateFingerprint: string;
  readonly sourceAddress: string;
  /** The registration of an operator; null where there is none that holds. */
  readonly operator: OperatorRow | null;
  /** Why `operator` is null. */
  readonly objection: string;
}

/** Certificates of open connections; a connection keeps its own. */
const certificates = new WeakMap<object, X509Certificate>();

function certificateOf(request: FastifyRequest): X509Certificate | undefined {
  const socket = request.raw.socket as TLSSocket;
  if (!socket.authorized) return undefined;
  const known = certificates.get(socket);
  if (known !== undefined) return known;
  const certificate = peerCertificate(socket);
  if (certificate !== undefined) certificates.set(socket, certificate);
  return certificate;
}

/**
 * Looks up who makes a request, for every request anew, so that a revocation holds on open connections. A probe is
 * answered, without details, also while the database cannot say who asks, and who watches may go on; else throws
 * StorageError.
 */
export async function visitorOf(
  request: FastifyRequest,
  operators: KnownOperators,
  now: number,
  permission: Permission,
): Promise<Visitor> {
  const sourceAddress = request.raw.socket.remoteAddress ?? "";
  const certificate = certificateOf(request);
  if (certificate === undefined) {
    return {
      certificateFingerprint: "",
      sourceAddress,
      operator: null,
      objection: "there is no certificate of the operators' authority",
    };
  }
  const fingerprint = certificateFingerprint(certificate);
  const operator = await operators.find(fingerprint, permission);
  const objection = objectionTo(operator, certificate, now);
  return {
    certificateFingerprint: fingerprint,
    sourceAddress,
    operator: objection === "" ? operator : null,
    objection,
  };
}

function objectionTo(operator: OperatorRow | null, certificate: X509Certificate, now: number): string {
  if (operator === null) return "this certificate is not registered with any operator";
  if (operator.state !== "active") return "this operator's certificate is revoked";
  if (Date.parse(certificate.validTo) < now) return "this operator's certificate has expired";
  return "";
}

/** Why a visitor may not do something; empty where it may. */
export function refusalFor({ certificateFingerprint, operator, objection }: Visitor, permission: Permission): string {
  if (permission === "probe" && certificateFingerprint !== "") return "";
  if (operator === null) return objection;
  if (permission === "change" && operator.role !== "administrator") return "this operator may look but not change";
  return "";
}

/** A visitor as the audit trail names it. */
export function actorOf({ operator, certificateFingerprint, sourceAddress }: Visitor): Actor {
  return { name: operator?.name ?? "(unknown)", certificateFingerprint, sourceAddress };
}
