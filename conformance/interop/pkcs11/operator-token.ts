import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Ended } from "../programs.js";
import type { SuiteContext } from "../suite.js";

/** A SoftHSM token of an operator's own making, whose PIN the operator knows. */
export interface OperatorToken {
  readonly label: string;
  readonly pinFile: string;
  /** What the module finds its token by. */
  readonly environment: Readonly<Record<string, string>>;
  /** Runs pkcs11-tool on the token with the PIN, whatever the exit code; through another module where one is named. */
  tool(args: readonly string[], module?: string): Promise<Ended>;
  /** As `tool`. Rejects where the exit code is not 0. */
  succeed(args: readonly string[], module?: string): Promise<void>;
  /** The value of CKA_ID, in hexadecimal digits, of the object with a label: pkcs11-tool finds the keys it uses by it. */
  identifierOf(label: string): Promise<string>;
  /** What pkcs11-tool tells of each object, by its label; with the PIN unless told otherwise. */
  list(options?: { readonly login: boolean }): Promise<ReadonlyMap<string, string>>;
}

const softHsm = "/usr/lib/softhsm/libsofthsm2.so";
const label = "bank";
const pin = "24681012";

/** Makes the token in the suite's folder. */
export async function operatorToken({ programs, folder }: SuiteContext): Promise<OperatorToken> {
  const tokens = join(folder, "tokens");
  mkdirSync(tokens, { mode: 0o700 });
  const settings = join(folder, "softhsm2.conf");
  writeFileSync(settings, `directories.tokendir = ${tokens}\nobjectstore.backend = file\n`);
  const pinFile = join(folder, "pin");
  writeFileSync(pinFile, pin, { mode: 0o600 });
  const environment = { SOFTHSM2_CONF: settings, OPERATOR_PIN: pin };
  const making = ["--init-token", "--free", "--label", label, "--pin", pin, "--so-pin", "13579111"];
  await programs.succeed("softhsm2-util", making, { environment });
  const withPin = ["--login", "--pin", "env:OPERATOR_PIN"];
  const tool = (args: readonly string[], module = softHsm): Promise<Ended> =>
    programs.run("pkcs11-tool", ["--module", module, "--token-label", label, ...args], { environment });
  const list = async (login: boolean): Promise<ReadonlyMap<string, string>> => {
    const { code, stdout, stderr } = await tool([...(login ? withPin : []), "--list-objects"]);
    if (code !== 0) throw new Error(`pkcs11-tool ended with ${code}: ${stderr}`);
    const objects = stdout.split(/^(?=\S)/m);
    return new Map(objects.map((text) => [/^ {2}label: +(.*)$/m.exec(text)?.[1] ?? "", text]));
  };
  return {
    label,
    pinFile,
    environment: { SOFTHSM2_CONF: settings },
    tool: (args, module) => tool([...withPin, ...args], module),
    succeed: async (args, module) => {
      const { code, stdout, stderr } = await tool([...withPin, ...args], module);
      if (code !== 0) throw new Error(`pkcs11-tool ${args.join(" ")} ended with ${code}: ${stderr}${stdout}`);
    },
    identifierOf: async (name) => {
      const id = /^ {2}ID: +([0-9a-f]+)$/m.exec((await list(true)).get(name) ?? "")?.[1];
      if (id === undefined) throw new Error(`the token lists no object with the label ${name}`);
      return id;
    },
    list: ({ login } = { login: true }) => list(login),
  };
}
