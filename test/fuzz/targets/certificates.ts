import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { certificateFacts } from "#certs/certificate-facts.js";
import { readCertificate } from "#certs/certificate-fields.js";
import { certificateNames } from "#certs/certificate-names.js";
import { type RequestForm, readCertificateRequest, requestForms } from "#certs/certificate-request.js";
import {
  createCertificateAuthority,
  issueClientCertificate,
  issueOperatorCertificate,
  issueServerCertificate,
} from "#certs/certificates.js";
import { unfitness } from "#certs/client-fitness.js";
import { describeCertificate } from "#certs/describe.js";
import { CertificateError } from "#certs/errors.js";
import { validateChain } from "#certs/path-validation.js";
import { derOfPem } from "#certs/pem.js";
import { pgpFacts } from "#certs/pgp-certificate.js";
import { issueRevocationList } from "#certs/revocation-list.js";
import { readRevocationList } from "#certs/revocation-list-reading.js";
import { crmfRequest, curvePair, derRequest, pemRequest } from "#test/support/certificate-requests.js";
import { mutateBytes } from "../mutators/bytes.js";
import { mutateDer } from "../mutators/der.js";
import type { Target } from "../target.js";

function refusal(error: unknown, what: string): string {
  if (error instanceof CertificateError) return what;
  throw error;
}

const ca = await createCertificateAuthority({ commonName: "an authority", validityDays: 30, pathLength: 1 });
const authority = new X509Certificate(ca.certificatePem);
const now = new Date();

/** All that the server makes of a certificate that a client shows or registers. */
async function readOne(bytes: Buffer): Promise<string> {
  let certificate: X509Certificate;
  try {
    certificate = readCertificate(bytes);
  } catch (error) {
    return refusal(error, "refused as a certificate");
  }
  try {
    const { notBefore, notAfter } = describeCertificate(certificate);
    // What is written into a row or an answer must be a date.
    for (const date of [notBefore, notAfter]) date.toISOString();
    unfitness(certificate, now, { isAnchor: true });
    unfitness(certificate, now, { statesUsage: true });
    certificateNames(certificate);
    certificateFacts(bytes);
  } catch (error) {
    return refusal(error, "refused by its fields");
  }
  const given = [certificate, authority].map((each) => ({ certificate: each, isAnchor: each === authority }));
  const verdict = await validateChain({ given, issuersNamed: async () => [], isRevoked: async () => false, at: now });
  return `read, and ${verdict}`;
}

async function certificateSeeds(): Promise<readonly Buffer[]> {
  const common = { ca, commonName: "somebody", validityDays: 1 };
  const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 });
  const ed25519 = generateKeyPairSync("ed25519");
  const pems = [
    ca.certificatePem,
    (await issueClientCertificate(common)).certificatePem,
    (await issueClientCertificate({ ...common, organization: "A bank", hosts: ["a.example", "10.0.0.1"] }))
      .certificatePem,
    (await issueOperatorCertificate(common)).certificatePem,
    issueServerCertificate({ ...common, publicKey: rsa.publicKey, names: ["b.example"] }),
    issueServerCertificate({ ...common, publicKey: ed25519.publicKey, names: ["::1"] }),
  ];
  return pems.map((pem) => derOfPem(pem, /^CERTIFICATE$/));
}

export async function certificateTarget(): Promise<Target> {
  return {
    name: "certificate",
    about: "certificates are described, judged and validated, or refused with the error of their folder",
    seeds: await certificateSeeds(),
    native: true,
    longest: 250,
    mutate: mutateDer,
    execute: readOne,
  };
}

const forms = Object.keys(requestForms) as readonly RequestForm[];

/** The first byte says which form the request is in. */
function readRequest(bytes: Buffer): string {
  const form = forms[(bytes[0] ?? 0) % forms.length] ?? "pem";
  try {
    readCertificateRequest(form, bytes.subarray(1));
    return `read as ${form}`;
  } catch (error) {
    return refusal(error, `refused as ${form}`);
  }
}

/** Damages what stands behind the first byte. */
function behindFirst(mutate: Target["mutate"]): Target["mutate"] {
  return (input, random, other) => {
    const first = random.oneIn(20) ? random.bytes(1) : input.subarray(0, 1);
    return Buffer.concat([first, mutate(input.subarray(1), random, () => other().subarray(1))]);
  };
}

export async function requestTarget(): Promise<Target> {
  const pair = curvePair();
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const extensions = ["subjectAltName=DNS:a.example,IP:10.0.0.1", "keyUsage=critical,digitalSignature"];
  const made: readonly (readonly [RequestForm, Buffer])[] = [
    ["pkcs-10", await derRequest(pair, "/CN=a/O=Bank/OU=Ops")],
    ["pkcs-10", await derRequest(rsa, "/CN=b", [...extensions, "extendedKeyUsage=clientAuth"])],
    ["pem", await pemRequest(pair, "/CN=c", extensions)],
    ["crmf", crmfRequest(pair, "d")],
  ];
  return {
    name: "certificate-request",
    about: "certificate requests in every form are read or refused with the error of their folder",
    seeds: made.map(([form, bytes]) => Buffer.concat([Buffer.of(forms.indexOf(form)), bytes])),
    native: true,
    longest: 250,
    mutate: behindFirst(mutateDer),
    execute: readRequest,
  };
}

function readList(bytes: Buffer): string {
  try {
    const list = readRevocationList(bytes);
    list.thisUpdate.toISOString();
    list.nextUpdate?.toISOString();
    return list.isSignedBy(authority) ? "read, and signed" : "read";
  } catch (error) {
    return refusal(error, "refused");
  }
}

export async function revocationListTarget(): Promise<Target> {
  const revoked = [1, 2, 3].map((number) => ({
    serial: `0${number}ff`,
    revokedAt: new Date(),
    reason: number === 1 ? ("keyCompromise" as const) : ("unspecified" as const),
  }));
  const pems = [issueRevocationList({ ca, revoked }), issueRevocationList({ ca, revoked: [] })];
  return {
    name: "revocation-list",
    about: "revocation lists are read or refused with the error of their folder",
    seeds: [...pems.map((pem) => derOfPem(pem, /^X509 CRL$/)), ...pems.map((pem) => Buffer.from(pem))],
    native: true,
    longest: 250,
    mutate: mutateDer,
    execute: readList,
  };
}

function packet(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0xc0 | type, 255, 0, 0, body.length >> 8, body.length & 255), body]);
}

export function pgpTarget(): Target {
  const key = Buffer.concat([Buffer.of(4, 0, 0, 0, 1, 1, 8, 0), Buffer.alloc(256, 0x80), Buffer.of(0, 17, 1, 0, 1)]);
  const signature = Buffer.from("0413010800000 00a0910 0123456789abcdef 0000".replaceAll(" ", ""), "hex");
  const seed = Buffer.concat([packet(6, key), packet(13, Buffer.from("Alice <a@bank.example>")), packet(2, signature)]);
  return {
    name: "pgp",
    about: "PGP certificates are read or refused with the error of their folder",
    seeds: [seed],
    native: true,
    longest: 50,
    mutate: mutateBytes,
    execute: (bytes) => {
      try {
        pgpFacts(bytes);
        return "read";
      } catch (error) {
        return refusal(error, "refused");
      }
    },
  };
}
