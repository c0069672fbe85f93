import { writeFileSync } from "node:fs";
import { configurationReference } from "./reference.js";

// Entry point of `npm run docs`; the working directory is the project's.
writeFileSync("docs/configuration.md", configurationReference());
