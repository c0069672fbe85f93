import { mkdir, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { CryptoError } from "../port.js";
import type { BindRequest, InitialiseRequest, ModuleLocation, TokenName } from "./messages.js";
import { runOnce } from "./single-run.js";

const CONFIGURATION = "softhsm2.conf";

/** What a worker of a partition finds in its environment: what the module wants, and where SoftHSM's configuration is. */
export function workerEnvironment(module: ModuleLocation, folder: string | null): Record<string, string> {
  const own = folder === null ? {} : { SOFTHSM2_CONF: join(resolve(folder), CONFIGURATION) };
  return { ...module.environment, ...own };
}

async function makeDurable(path: string): Promise<void> {
  const file = await open(path, "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

/** The line of SoftHSM's configuration that says where the tokens are. */
function tokensLine(tokens: string): string {
  return `directories.tokendir = ${tokens}`;
}

/** Has SoftHSM find the tokens of a folder that was moved or copied: it knows them by absolute path. */
export async function followMove(folder: string): Promise<void> {
  const place = resolve(folder);
  const tokens = join(place, "tokens");
  const path = join(place, CONFIGURATION);
  if (!(await exists(path)) || !(await exists(tokens))) return;
  const lines = (await readFile(path, "utf8")).split("\n");
  const index = lines.findIndex((line) => line.startsWith("directories.tokendir"));
  const named = lines[index]?.split("=")[1]?.trim();
  if (named === undefined || named === tokens) return;
  lines[index] = tokensLine(tokens);
  await writeFile(`${path}.new`, lines.join("\n"), { mode: 0o600 });
  await makeDurable(`${path}.new`);
  await rename(`${path}.new`, path);
}

async function writeConfiguration(folder: string, tokens: string): Promise<void> {
  const lines = [tokensLine(tokens), "objectstore.backend = file", "log.level = ERROR", ""];
  const path = join(folder, CONFIGURATION);
  await writeFile(path, lines.join("\n"), { mode: 0o600 });
  await makeDurable(path);
}

/**
 * Makes a token in a folder of its own (SoftHSM). The folder appears whole or not at all: it is prepared beside its
 * place, made durable and moved there. Rejects with `invalid-data` where the folder exists.
 */
export async function initialiseFolder(
  folder: string,
  request: Omit<InitialiseRequest, "tokenFolder">,
): Promise<TokenName> {
  const place = resolve(folder);
  const draft = `${place}.new`;
  if (await exists(place)) {
    throw new CryptoError("invalid-data", `the token folder ${place} exists already`);
  }
  // What a crash has left half made holds no key that anyone was told of.
  await rm(draft, { recursive: true, force: true });
  await mkdir(join(draft, "tokens"), { recursive: true, mode: 0o700 });
  await writeConfiguration(draft, join(draft, "tokens"));
  const name = await runOnce(
    "initialise",
    { ...request, tokenFolder: draft },
    workerEnvironment(request.module, draft),
  );
  await writeConfiguration(draft, join(place, "tokens"));
  await makeDurable(draft);
  await rename(draft, place);
  await makeDurable(dirname(place));
  return name;
}

/** Makes the partition's own keys in a token that exists already (a real HSM), where they are missing. */
export function bindToken(request: BindRequest, folder: string | null): Promise<TokenName> {
  return runOnce("bind", request, workerEnvironment(request.open.module, folder));
}
