import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigurationError } from "#src/config/errors.js";
import { loadConfiguration } from "#src/config/load.js";
import { ProfileError, parseProfile } from "#src/crypto/pkcs11/profiles/profile.js";
import { SHIPPED } from "#src/crypto/pkcs11/profiles/shipped.js";
import { textMutator } from "../mutators/text.js";
import type { Target } from "../target.js";

const seeds = [
  "server:\n  workers: auto\n  nodeId: node-1\n  names: [a.example, 10.0.0.1]\n",
  "kmip:\n  port: 5696\n  tls:\n    profile: modern\n    certificates:\n      - certificateFile: a.crt\n        keyFile: a.key\n" +
    "  listeners:\n    - name: old\n      port: 5700\n      profile: none\n  limits:\n    maximumDepth: 32\n",
  "database:\n  client: pg\n  host: db.example\n  port: 5432\n  password: secret\n",
  "hsm:\n  module: /usr/lib/softhsm/libsofthsm2.so\n  rootPin:\n    environment: PIN\n  workersMax: 8\n",
  "audit: &a\n  checkpointSeconds: 60\nlog:\n  level: info\n  format: json\nadmin: *a\n",
] as const;

const words = [
  ...["server", "kmip", "admin", "database", "hsm", "audit", "objects", "log", "tasks", "rotation", "limits", "client"],
  ...[
    "&a",
    "*a",
    "<<",
    "!!binary",
    "!!js/function",
    "|",
    ">",
    "---",
    "...",
    "null",
    "~",
    "pg",
    "better-sqlite3",
    "auto",
  ],
];

/** The configuration file, and the capability profiles of tokens. */
export function configurationTarget(): Target {
  const folder = mkdtempSync(join(tmpdir(), "keyreeve-fuzz-"));
  const file = join(folder, "keyreeve.yaml");
  const profiles = SHIPPED.map((profile) => JSON.stringify(profile, null, 1));
  return {
    name: "configuration",
    about: "configuration files and capability profiles are read, or refused with the list of what is wrong",
    seeds: [...seeds, ...profiles].map((text) => Buffer.from(text)),
    longest: 500,
    mutate: textMutator(words),
    execute: (bytes) => {
      try {
        if (bytes[0] === 0x7b) parseProfile(bytes.toString("utf8"));
        else {
          writeFileSync(file, bytes);
          loadConfiguration({ home: folder, file, environment: {} });
        }
        return "read";
      } catch (error) {
        if (error instanceof ConfigurationError) return "refused";
        if (error instanceof ProfileError) return "refused as a profile";
        throw error;
      }
    },
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
}
