import { Command } from "commander";
import type { Administration } from "#src/administration/administration.js";
import type { KeyEncryptionKeySummary } from "#src/administration/tasks.js";
import { withAdministration } from "../../connect.js";
import { explain } from "../../explain.js";
import { jsonOption, print, printJson } from "../../output.js";
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
        async (administration) => [await administration.showTenant(name), await keysOf(administration, name)] as const,
      );
      if (json) return printJson({ ...tenant, ...keyEncryptionKeys });
      await printTenant(tenant, json);
      if (keyEncryptionKeys.keyEncryptionKeys === null) return print(`${keyEncryptionKeys.reason}\n`);
      return printKeyEncryptionKeys(keyEncryptionKeys.keyEncryptionKeys);
    });
}

type Keys =
  | { readonly keyEncryptionKeys: readonly KeyEncryptionKeySummary[] }
  | { readonly keyEncryptionKeys: null; readonly reason: string };

/** What a tenant is can be told also while its token does not answer. */
async function keysOf(administration: Administration, name: string): Promise<Keys> {
  try {
    return { keyEncryptionKeys: await administration.keyEncryptionKeys(name) };
  } catch (error) {
    return { keyEncryptionKeys: null, reason: `the key-encryption keys cannot be told: ${explain(error)}` };
  }
}
