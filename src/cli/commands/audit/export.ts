import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Command } from "commander";
import type { AuditQuery } from "#src/administration/administration.js";
import { withAdministration } from "../../connect.js";
import { print } from "../../output.js";

type Options = Pick<AuditQuery, "tenant" | "since" | "until"> & { readonly output?: string };

/** `keyreeve audit export` */
export function auditExportCommand(): Command {
  return new Command("export")
    .description("write the audit trail as JSON lines, chain by chain, each in its order")
    .option("--tenant <tenant>", "only of this tenant; `server` for what belongs to none")
    .option("--since <time>", "not before: a time such as 2026-01-31T08:00Z, or how long ago: 30m, 12h, 7d")
    .option("--until <time>", "not after; as --since")
    .option("--output <file>", "write to this file, for its owner only, instead of standard output")
    .action(async ({ output, ...query }: Options, command: Command) => {
      await withAdministration(command, async (administration) => {
        const lines = administration.exportAudit(query);
        if (output !== undefined) return writeWhole(output, lines);
        for await (const line of lines) await print(line);
      });
    });
}

/** The file appears when it is whole, so that a part is never taken for the trail. */
async function writeWhole(file: string, lines: AsyncIterable<string>): Promise<void> {
  const unfinished = `${file}.part`;
  try {
    await pipeline(Readable.from(lines), createWriteStream(unfinished, { mode: 0o600, flush: true }));
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
