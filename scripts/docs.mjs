// Writes the pages of docs/ that are computed from the code. Run by `npm run docs` in the project's folder.
import { writeFileSync } from "node:fs";
import { commandReference } from "../build/src/cli/reference.js";
import { configurationReference } from "../build/src/config/reference.js";
import { errorsReference, lifecycleReference } from "../build/src/objects/reference.js";
import { operationsReference } from "../build/src/operations/reference.js";
import { metricsReference } from "../build/src/telemetry/reference.js";

writeFileSync("docs/configuration.md", configurationReference());
writeFileSync("docs/metrics.md", metricsReference());
writeFileSync("docs/cli.md", commandReference());
writeFileSync("docs/operations.md", operationsReference());
writeFileSync("docs/errors.md", errorsReference());
writeFileSync("docs/lifecycle.md", lifecycleReference());
