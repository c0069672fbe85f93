import type { CertificateWishes } from "#src/administration/client-files.js";
import type { RenewalRequest, SigningRequest } from "#src/administration/first-contact/own-certificates.js";
import type { TrustRequest, TrustSummary } from "#src/administration/first-contact/trusted-authorities.js";
import type { Acceptance, WaitingSummary } from "#src/administration/first-contact/waiting-clients.js";
import {
  choice,
  count,
  flag,
  hash,
  list,
  name,
  named,
  object,
  orNull,
  type Properties,
  type Schema,
  text,
  time,
} from "./schema-parts.js";

const pattern = text("Exact, or with `*` in it", { minLength: 1, maxLength: 255 });
const nameFrom = choice("cn", "san-dns", "san-email");
const lists = text("Revocation lists, PEM", { maxLength: 8_388_608 });

const rules = {
  type: "object",
  additionalProperties: false,
  description: "Which certificates of the authority are clients",
  properties: {
    subject: { type: "object", additionalProperties: pattern, description: "A pattern for each kind of part" },
    dns: list(pattern),
    email: list(pattern),
    uri: list(pattern),
    anyName: { ...flag, description: "All of them; excludes the other rules" },
  },
};

const password = text("Never shown again", { minLength: 4, maxLength: 255, writeOnly: true });
const days = { type: "integer", minimum: 1, maximum: 3650, default: 825 };
const alternatives = list(text(undefined, { minLength: 1, maxLength: 255 }));
const request = text("PKCS#10: PEM, or DER in base64", { maxLength: 131_072 });

/** What a certificate and its files are to be. */
export const certificateWishes: Properties<CertificateWishes> = {
  key: choice("ec-p256", "rsa-2048", "rsa-3072", "rsa-4096"),
  dns: alternatives,
  email: alternatives,
  ip: alternatives,
  keyPassword: password,
  pkcs12: {
    type: "object",
    additionalProperties: false,
    properties: { password, legacy: { ...flag, description: "Triple DES and SHA-1, for old appliances" } },
  },
};

/** Those that may be absent: all. */
export const optionalWishes = ["key", "dns", "email", "ip", "keyPassword", "pkcs12"] as const;

const trustSchemas: readonly Schema[] = [
  object<Omit<TrustRequest, "tenant">>(
    "NewTrustedAuthority",
    {
      name,
      certificates: text("PEM: the authority, and those below it that clients do not send", { maxLength: 262_144 }),
      rules,
      nameFrom,
      autoRegister: { ...flag, description: "Its clients are registered without an operator" },
      revocationLists: lists,
    },
    ["nameFrom", "autoRegister", "revocationLists"],
  ),
  object<{ readonly lists: string | null }>("RevocationLists", { lists: orNull(lists) }),
  object<TrustSummary["certificates"][number]>("TrustedCertificate", {
    subject: text(),
    fingerprint: hash,
    notAfter: time,
    isAnchor: { ...flag, description: "Trusted by itself, or only there to find the way" },
  }),
  object<TrustSummary["revocationLists"][number]>("RevocationList", {
    issuer: text(),
    thisUpdate: time,
    nextUpdate: orNull(time),
    revoked: count("Certificates that it revokes"),
  }),
  object<TrustSummary>("TrustedAuthority", {
    tenant: name,
    name,
    certificates: list(named("TrustedCertificate")),
    rules,
    nameFrom,
    autoRegister: flag,
    revocationLists: list(named("RevocationList")),
    createdAt: time,
    changedAt: time,
  }),
];

/** The schemas of clients that come with certificates of their own. */
export function firstContactSchemas(permissions: Schema, profile: Schema): readonly Schema[] {
  return [
    object<WaitingSummary>("PendingClient", {
      fingerprint: hash,
      state: choice("waiting", "rejected"),
      subject: text(),
      issuer: text(),
      keyType: text("Such as `RSA 2048`"),
      notBefore: time,
      notAfter: time,
      address: text("From where it came the last time"),
      listener: text(),
      firstSeen: time,
      lastSeen: time,
      count: count("How often it was shown"),
      authority: orNull(text("`TENANT/NAME` of the trusted authority that admits it")),
      suggestedName: orNull(text()),
      note: orNull(text("What an operator should know of it")),
      pem: text(),
    }),
    object<Omit<Acceptance, "fingerprint">>(
      "Acceptance",
      {
        tenant: name,
        name,
        permissions,
        profile,
        existing: { ...flag, description: "The client exists, and gets this certificate besides its own" },
      },
      ["name", "permissions", "profile", "existing"],
    ),
    object<Omit<SigningRequest, "tenant">>(
      "SigningRequest",
      {
        name,
        request,
        days,
        permissions,
        profile,
        keepSubject: { ...flag, description: "The certificate bears the subject of the request" },
      },
      ["name", "days", "permissions", "profile", "keepSubject"],
    ),
    object<Omit<RenewalRequest, "tenant" | "name">>(
      "RenewalRequest",
      { ...certificateWishes, days, request, revokeOld: { ...flag, description: "Refuses all earlier ones at once" } },
      [...optionalWishes, "days", "request", "revokeOld"],
    ),
    ...trustSchemas,
  ];
}
