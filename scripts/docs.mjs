// Writes the pages of docs/ that are computed from the code. Run by `npm run docs` in the project's folder.
import { readFileSync, writeFileSync } from "node:fs";
import { profilesReference } from "../build/src/access/profiles-reference.js";
import { eventsReference } from "../build/src/audit/events/reference.js";
import { commandReference } from "../build/src/cli/reference.js";
import { configurationReference } from "../build/src/config/reference.js";
import { withFaults } from "../build/src/kmip-service/faults-reference.js";
import { errorsReference, lifecycleReference } from "../build/src/objects/reference.js";
import { operationsReference } from "../build/src/operations/reference.js";
import { metricsReference } from "../build/src/telemetry/reference.js";

writeFileSync("docs/configuration.md", configurationReference());
writeFileSync("docs/metrics.md", metricsReference());
writeFileSync("docs/cli.md", commandReference());
writeFileSync("docs/operations.md", operationsReference());
writeFileSync("docs/errors.md", errorsReference());
writeFileSync("docs/events.md", eventsReference());
writeFileSync("docs/pkcs11.md", withFaults(readFileSync("docs/pkcs11.md", "utf8")));
writeFileSync("docs/lifecycle.md", lifecycleReference());
writeFileSync("docs/clients/profiles.md", profilesReference());
