/** Handles of PKCS#11 that are guessed: at the module, in the process of each partition, and through the operation PKCS#11. */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { Operation, PKCS_11Function, PKCS_11ReturnCode } from "#protocol/enums/index.js";
import { pkcs11Response } from "#protocol/payloads/pkcs11.js";
import { V2_1 } from "#protocol/versions.js";
import { workerEnvironment } from "#src/crypto/pkcs11/token-setup.js";
import { ParameterWriter } from "#src/operations/cryptoki/parameters.js";
import { CryptokiClient } from "#test/support/cryptoki.js";
import { askAll } from "#test/support/kmip-client-messages.js";
import { projectRoot } from "#test/support/server.js";
import { SOFTHSM_MODULE, startSoftHsm } from "#test/support/softhsm.js";
import type { Probed, ProbeOrder } from "./handle-probe.js";
import type { World } from "./world.js";

/** What trying handles came to. */
export interface Guessed {
  readonly tried: number;
  readonly hits: number;
  readonly wrong: readonly string[];
}

/** Partitions beside each other on one machine. */
const partitions = ["tenant-1", "tenant-2", "tenant-3"] as const;

/** Tries handles in a process for each of several partitions, each with a token of its own. */
export async function guessInPartitions(handles: number, seed: number): Promise<Guessed> {
  const hsm = await startSoftHsm();
  try {
    for (const name of partitions.slice(1)) await hsm.another(name);
    const pin = (await hsm.options.pin()).toString();
    const base = dirname(hsm.folder);
    const probed: Probed[] = [];
    for (const name of partitions) {
      const order: ProbeOrder = { module: SOFTHSM_MODULE, label: `keyreeve ${name}`, pin, handles, seed };
      const module = { path: SOFTHSM_MODULE };
      const environment = { ...process.env, ...workerEnvironment(module, join(base, name)) };
      const program = join(projectRoot, "build/test/torture/isolation/handle-probe.js");
      const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(order)], {
        env: environment,
        maxBuffer: 64 * 1024 * 1024,
      });
      probed.push(JSON.parse(stdout) as Probed);
    }
    return judged(probed);
  } finally {
    await hsm.close();
  }
}

function judged(probed: readonly Probed[]): Guessed {
  const wrong = probed.flatMap(({ tokens, own, hits }, place) => {
    const mine = new Set(own);
    const seen = tokens === 1 ? [] : [`${partitions[place]} sees ${tokens} tokens`];
    // The handles beside its own hit its own objects: else nothing would have been tried.
    const blind = hits.length === 0 ? [`${partitions[place]} hit none of its own objects`] : [];
    return [...seen, ...blind, ...hits.filter((hit) => !mine.has(hit)).map((hit) => `${partitions[place]} hit ${hit}`)];
  });
  const sum = (of: (each: Probed) => number) => probed.reduce((total, each) => total + of(each), 0);
  return { tried: sum(({ tried }) => tried), hits: sum(({ hits }) => hits.length), wrong };
}

/** Guesses of one message. */
const together = 100;

/** Guesses handles of the owner's objects through the operation PKCS#11, from a client of each tenant. */
export async function guessThroughServer(world: World, handles: number, key: bigint): Promise<Guessed> {
  const wrong: string[] = [];
  for (const { client, name } of [world.stranger, world.neighbour]) {
    const mine = await CryptokiClient.initialise(client);
    const session = await mine.openSession();
    for (let from = 0; from < handles; from += together) {
      const guesses = Array.from(
        { length: Math.min(together, handles - from) },
        (_each, index) =>
          // Beside the owner's, small ones, and any.
          [
            BigInt.asUintN(64, key + BigInt(from + index) - BigInt(handles / 2)),
            BigInt(from + index),
            randomBytes(8).readBigUInt64BE(),
          ][index % 3] ?? 0n,
      );
      const asked = guesses.map((guess) => ({
        operation: Operation.PKCS_11,
        payload: {
          pkcs11Function: PKCS_11Function.C_DestroyObject,
          correlationValue: mine.correlationValue,
          pkcs11InputParameters: new ParameterWriter().ulong(session).ulong(guess).done(),
        },
      }));
      const answers = await askAll(client, V2_1, asked);
      for (const [index, { item }] of answers.entries()) {
        const payload = item.responsePayload;
        const code =
          payload === undefined ? undefined : pkcs11Response.decode(payload, { version: V2_1 }).pkcs11ReturnCode;
        if (code !== PKCS_11ReturnCode.OBJECT_HANDLE_INVALID)
          wrong.push(`${name} at handle ${guesses[index]}: ${code}`);
      }
    }
    await mine.call("C_Finalize");
  }
  return { tried: handles * 2, hits: wrong.length, wrong };
}
