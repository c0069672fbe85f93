import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { exitCodes } from "./exit-codes.js";

/** Collects the values of an option that may be given several times. */
export const several = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
];

/** The options of a command as arguments of a program that takes the same ones. */
export function argumentsFrom(options: object): readonly string[] {
  return Object.entries(options).flatMap(([name, value]: [string, unknown]) => {
    if (value === true) return [`--${name}`];
    return (Array.isArray(value) ? value : [value]).flatMap((each) => [`--${name}`, String(each)]);
  });
}

/**
 * Runs a program that stands beside the server, of which it is no part, with this terminal. Gives its exit code.
 *
 * @param name the file in conformance/, without its ending
 */
export async function runCompanion(name: string, args: readonly string[]): Promise<number> {
  const program = resolve(import.meta.dirname, `../../conformance/${name}.js`);
  const child = spawn(process.execPath, [program, ...args], { stdio: "inherit" });
  const [code] = await once(child, "exit");
  return typeof code === "number" ? code : exitCodes.failed;
}
