import * as z from "zod";

/** A TCP port. */
export const port = z.int().min(0).max(65_535);
/** A name or address. */
export const host = z.string().min(1);
/** Path of a file. */
export const path = z.string().min(1);

/** A server certificate. */
export const certificate = z.strictObject({
  certificateFile: path.describe("PEM: the certificate, then its intermediate authorities."),
  keyFile: path.describe("PEM: the private key of the certificate."),
});

const listener = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,30}$/)
    .refine((name) => !["kmip", "https", "admin"].includes(name), {
      message: "is the name of a listener that is there",
    })
    .describe("Names the listener in the log, the audit trail and the metrics: `firewalls`."),
  host: host.exactOptional().describe("Address to listen on. Without it: `kmip.host`."),
  port: port.describe("Port to listen on; 0 takes any free one."),
  profile: z
    .string()
    .exactOptional()
    .describe("Client profile (docs/clients/profiles.md) of clients that have none of their own."),
  tenant: z
    .string()
    .min(1)
    .exactOptional()
    .describe(
      "Name of the tenant whose clients alone are served here. Clients without a certificate need not write it before " +
        "their user name.",
    ),
  clientCertificate: z
    .enum(["required", "optional"])
    .exactOptional()
    .describe("As `kmip.clientCertificate`. Without it: as the profile needs it, else `required`."),
  tls: z
    .strictObject({
      profile: z
        .enum(["modern", "compatible", "legacy"])
        .exactOptional()
        .describe(
          "As `kmip.tls.profile`; `legacy` adds TLS 1.0 and 1.1, their suites, and client certificates with SHA-1 or " +
            "short RSA keys. Without it: as the profile needs it, else `kmip.tls.profile`.",
        ),
      certificates: z
        .array(certificate)
        .exactOptional()
        .describe("Server certificates. Without it: `kmip.tls.certificates`."),
    })
    .prefault({}),
});

/** The further listeners. */
export const listeners = z
  .array(listener)
  .max(16)
  .default([])
  .refine((listeners) => new Set(listeners.map(({ name }) => name)).size === listeners.length, {
    message: "two listeners have the same name",
  })
  .describe(
    "Further listeners of KMIP over TLS, for clients that need what others are not to have. Limits hold for each of " +
      "them as for the first.",
  );
