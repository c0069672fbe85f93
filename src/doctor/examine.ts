import { askAdmission } from "./admission.js";
import { judgeClientCertificate } from "./client-certificate.js";
import { type Finding, type StepName, skipped, steps } from "./finding.js";
import { speakKmip } from "./kmip.js";
import { reachPort, resolveName } from "./reach.js";
import { judgeServerCertificate } from "./server-certificate.js";
import type { Target } from "./target.js";
import { findVersions, shakeHands } from "./tls.js";

/** Tells of each step as it is done. */
export type Tell = (finding: Finding) => Promise<void> | void;

/**
 * Tries a connection to a KMIP server step by step, whatever server it is, and tells what each step came to. Steps that
 * nothing can be said of any more are told as skipped. Resolves to all findings, and never rejects for what a server or
 * a file is like.
 */
export async function examine(target: Target, tell: Tell, clock: () => number = Date.now): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const add = async (...found: readonly Finding[]): Promise<boolean> => {
    for (const finding of found) {
      findings.push(finding);
      await tell(finding);
    }
    return found.every(({ outcome }) => outcome !== "failed");
  };
  await walk(target, add, clock);
  const missing = steps.filter((step) => !findings.some((finding) => finding.step === step));
  await add(...missing.map((step: StepName) => skipped(step, "not tried, because of what failed before")));
  return findings;
}

async function walk(
  target: Target,
  add: (...found: readonly Finding[]) => Promise<boolean>,
  clock: () => number,
): Promise<void> {
  const now = (): Date => new Date(clock());
  const { finding: ofClient, canBeShown } = judgeClientCertificate(target, now());
  // A certificate that is no good is shown all the same, to hear what the server says.
  const examined = canBeShown ? target : without(target);
  if (!(await add(await resolveName(target))) || !(await add(await reachPort(target)))) {
    await add(ofClient);
    return;
  }
  const { finding, shaken } = await shakeHands(examined);
  if (!(await add(finding)) || shaken === undefined) {
    await add(ofClient);
    return;
  }
  await add(await findVersions(examined));
  const isServerSound = await add(judgeServerCertificate(target, shaken, now()));
  const isClientSound = await add(ofClient);
  if (!(await add(await askAdmission(examined, clock)))) return;
  if (isServerSound && isClientSound) await add(...(await speakKmip(target, clock)));
}

function without({ certificate: _certificate, key: _key, ...rest }: Target): Target {
  return rest;
}
