import { existsSync } from "node:fs";
import { resolve } from "node:path";

/**
 * The folder with the tables, texts and test cases of the KMIP specifications: KEYREEVE_SPECIFICATION, or `shared/kmip` beside
 * the repository. Undefined where neither is there; tests that need it say so and pass over.
 */
export function specificationFolder(): string | undefined {
  const candidates = [process.env["KEYREEVE_SPECIFICATION"], resolve(import.meta.dirname, "../../../../shared/kmip")];
  return candidates.find((folder) => folder !== undefined && existsSync(folder));
}
