import type { Target } from "../target.js";

/** How the targets are opened, by name. Their modules are loaded late, so that they are instrumented first. */
export const targets: Readonly<Record<string, () => Promise<Target>>> = {
  ttlv: async () => (await import("./ttlv.js")).ttlvTarget(),
  message: async () => (await import("./message.js")).messageTarget(),
  xml: async () => (await import("./encodings.js")).xmlTarget(),
  json: async () => (await import("./encodings.js")).jsonTarget(),
  differential: async () => (await import("./encodings.js")).differentialTarget(),
  transcript: async () => (await import("./transcript.js")).transcriptTarget(),
  certificate: async () => (await import("./certificates.js")).certificateTarget(),
  "certificate-request": async () => (await import("./certificates.js")).requestTarget(),
  "revocation-list": async () => (await import("./certificates.js")).revocationListTarget(),
  pgp: async () => (await import("./certificates.js")).pgpTarget(),
  keys: async () => (await import("./keys.js")).keysTarget(),
  pkcs12: async () => (await import("./keys.js")).pkcs12Target(),
  configuration: async () => (await import("./configuration.js")).configurationTarget(),
  administration: async () => (await import("./administration.js")).administrationTarget(),
  path: async () => (await import("./path.js")).pathTarget(),
};
