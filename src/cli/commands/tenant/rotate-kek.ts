import { Command } from "commander";
import { withAdministration } from "../../connect.js";
import { jsonOption } from "../../output.js";
import { followTask, waitOption } from "../../task-output.js";

interface Options {
  readonly removeOld?: boolean;
  readonly wait?: boolean;
  readonly json?: boolean;
}

/** `keyreeve tenant rotate-kek NAME` */
export function tenantRotateKekCommand(): Command {
  return new Command("rotate-kek")
    .description("make the next version of a tenant's key-encryption key and wrap all its keys anew, in the background")
    .argument("<name>", "name of the tenant")
    .option("--remove-old", "remove old versions from the token once nothing rests under them")
    .option(...waitOption)
    .option(...jsonOption)
    .action(async (tenant: string, { removeOld = false, ...options }: Options, command: Command) =>
      withAdministration(command, async (administration) => {
        const task = await administration.rotateKeyEncryptionKey({ tenant, removeOld });
        await followTask(administration, task, options);
      }),
    );
}
