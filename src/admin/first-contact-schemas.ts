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
export function firstContactSchemas(permissions: Schema): readonly Schema[] {
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
        existing: { ...flag, description: "The client exists, and gets this certificate besides its own" },
      },
      ["name", "permissions", "existing"],
    ),
    ...trustSchemas,
  ];
}
