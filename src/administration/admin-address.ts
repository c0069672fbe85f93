import { unlink } from "node:fs/promises";
import { readIfPresent, writeDurably } from "./files.js";
import { homeLayout } from "./layout.js";

/** Where the admin port of a running server is. */
export interface AdminAddress {
  readonly host: string;
  readonly port: number;
}

/** Notes in the data directory where the admin port is, for commands of the same machine. */
export async function announceAdminAddress(home: string, address: AdminAddress): Promise<void> {
  await writeDurably(homeLayout(home).adminAddress, JSON.stringify(address));
}

/** Takes the note away when the server stops. */
export async function withdrawAdminAddress(home: string): Promise<void> {
  await unlink(homeLayout(home).adminAddress);
}

/** Where the admin port of the running server is. A killed server leaves its note. */
export async function readAdminAddress(home: string): Promise<AdminAddress | undefined> {
  const content = await readIfPresent(homeLayout(home).adminAddress);
  if (content === undefined) return undefined;
  const { host, port } = JSON.parse(content.toString("utf8")) as Partial<AdminAddress>;
  return typeof host === "string" && typeof port === "number" ? { host, port } : undefined;
}
