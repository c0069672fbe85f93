import { scanClients } from "./scan/clients.js";
import { scanIndex } from "./scan/index-strangers.js";
import { scanIntents } from "./scan/intents.js";
import { scanObjects } from "./scan/objects.js";
import { scanOrphans } from "./scan/orphans.js";
import type { ScanPosition } from "./scan/position.js";
import { scanSealed } from "./scan/sealed.js";
import { scanToken } from "./scan/token.js";
import type { TaskKind } from "./task-kind.js";
import { theBeginning } from "./walk.js";

/**
 * Checks that all that is stored for a tenant is what this server wrote for it, part by part. Told to repair, it mends
 * what follows from what is authenticated, and removes what a crash left.
 */
export const scanIntegrity: TaskKind<"scan-integrity", ScanPosition> = {
  name: "scan-integrity",
  async run(run) {
    const partition = await run.surroundings.partitionOf(run.tenantId);
    for (;;) {
      const position = run.position ?? { part: "objects", after: theBeginning };
      switch (position.part) {
        case "objects":
          await scanObjects(run, partition, position.after);
          await run.save({ part: "index", of: "attributes", after: "" });
          break;
        case "index":
          await scanIndex(run, position);
          await run.save(position.of === "attributes" ? { part: "index", of: "names", after: "" } : { part: "sealed" });
          break;
        case "sealed":
          await scanSealed(run, partition);
          await run.save({ part: "clients" });
          break;
        case "clients":
          await scanClients(run);
          await run.save({ part: "intents" });
          break;
        case "intents":
          await scanIntents(run);
          await run.save({ part: "token" });
          break;
        case "token":
          await run.save((await scanToken(run, partition)) ? { part: "orphans", seen: {} } : { part: "end" });
          break;
        case "orphans":
          await scanOrphans(run, partition, position);
          await run.save({ part: "end" });
          break;
        case "end":
          return;
      }
    }
  },
};
