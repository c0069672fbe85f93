import { Command } from "commander";
import { withAdministration } from "../../connect.js";
import { jsonOption, printJson } from "../../output.js";
import { printKeyEncryptionKeys, printTenant } from "../../tenant-output.js";

/** `keyreeve tenant show NAME` */
export function tenantShowCommand(): Command {
  return new Command("show")
    .description("show one tenant")
    .argument("<name>", "name of the tenant")
    .option(...jsonOption)
    .action(async (name: string, { json }: { readonly json?: boolean }, command: Command) => {
      const [tenant, keyEncryptionKeys] = await withAdministration(
        command,
        async (administration) =>
          [await administration.showTenant(name), await administration.keyEncryptionKeys(name)] as const,
      );
      if (json) return printJson({ ...tenant, keyEncryptionKeys });
      await printTenant(tenant, json);
      return printKeyEncryptionKeys(keyEncryptionKeys);
    });
}
