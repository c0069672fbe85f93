import pkcs11js from "pkcs11js";
import type { TrialOutcome } from "../../profiles/probe-report.js";
import type { Quirks } from "../../profiles/quirks.js";
import { type Bench, outcomeOf } from "./bench.js";
import { CipherTrials } from "./ciphering.js";
import { handlesAreOfProcess, sessionsAtOnce, takesSeeds } from "./sessions.js";
import { SignTrials } from "./signing.js";
import { PADDED_WRAPS, WrapTrials } from "./wrapping.js";

/** Lengths of secrets that are tried, in bytes. */
const SECRET_LENGTHS = [32, 64, 128, 256, 512, 1024, 2048, 4096, 16_384, 65_536, 262_144, 1_048_576];

/** What was tried, and the quirks that follow from it; those that do not follow are as they were taken to be. */
export interface Tried {
  readonly trials: Readonly<Record<string, TrialOutcome>>;
  readonly quirks: Quirks;
}

interface Found {
  readonly trials: Record<string, TrialOutcome>;
  quirks: Quirks;
}

/** Tries everything. `assumed` are the quirks of what cannot be tried. */
export function tryAll(bench: Bench, assumed: Quirks): Tried {
  const found: Found = { trials: {}, quirks: assumed };
  tryWrapping(bench, found);
  tryCiphers(bench, found);
  trySignatures(bench, found);
  found.trials["session objects seen under other tokens"] = outcomeOf(() => handlesAreOfProcess(bench));
  found.trials["sessions at once (64 tried)"] = outcomeOf(() => sessionsAtOnce(bench));
  found.trials["takes seeds"] = outcomeOf(() => takesSeeds(bench));
  return found;
}

/** Tries one thing; gives its answer where there is one. */
function trial<Answer extends TrialOutcome>({ trials }: Found, name: string, run: () => Answer): Answer | undefined {
  let answer: Answer | undefined;
  trials[name] = outcomeOf(() => {
    answer = run();
    return answer;
  });
  return answer;
}

function tryWrapping(bench: Bench, found: Found): void {
  const made: WrapTrials[] = [];
  const isReady = trial(found, "takes a secret in plaintext", () => made.push(new WrapTrials(bench)) === 1);
  const [wraps] = made;
  if (isReady === undefined || wraps === undefined) return;
  const kinds = PADDED_WRAPS.map(
    ([name, mechanism]) => [mechanism, trial(found, `wraps by ${name}`, () => wraps.padded(mechanism))] as const,
  );
  trial(found, "CKM_AES_KEY_WRAP is RFC 3394", () => wraps.whole());
  const [chosen, kind] = kinds.find(([, each]) => each === "exact") ??
    kinds.find(([, each]) => each === "zeros") ?? [null, undefined];
  found.quirks = { ...found.quirks, paddedWrapMechanism: chosen, padsWithZeros: kind === "zeros" };
  if (chosen === null) return;
  trial(found, "wraps private keys as PKCS#8", () => wraps.privateKey(chosen).isPkcs8);
  const attribute = trial(found, "attribute asked for to unwrap EC keys (0: none)", () => wraps.ecAttribute(chosen));
  // Of keys of the token this may yet not be so, which no session object shows.
  const unmodifiable = trial(found, "unwraps session keys that are not modifiable", () =>
    wraps.unwrapsUnmodifiable(chosen),
  );
  const longest = trial(found, "longest secret in bytes", () => wraps.longest(chosen, SECRET_LENGTHS));
  found.quirks = {
    ...found.quirks,
    ecUnwrapAttribute: attribute === undefined || attribute === 0 ? null : attribute,
    unwrapsModifiableOnly: unmodifiable === false || found.quirks.unwrapsModifiableOnly,
    longestSecret: longest ?? found.quirks.longestSecret,
  };
}

function tryCiphers(bench: Bench, found: Found): void {
  const made: CipherTrials[] = [];
  trial(found, "takes an AES key in plaintext", () => made.push(new CipherTrials(bench)) === 1);
  const [ciphers] = made;
  if (ciphers === undefined) return;
  const form = trial(found, "form of the GCM parameters", () => ciphers.form()) ?? null;
  if (form !== null) {
    const code = form === "older" ? pkcs11js.CK_PARAMS_AES_GCM : pkcs11js.CK_PARAMS_AES_GCM_v240;
    trial(found, "GCM tags made, in bits", () => ciphers.tagLengths(code));
    trial(found, "GCM without an IV", () => ciphers.takesNoVector(code));
    trial(found, "encrypts nothing in one part", () => ciphers.takesNothing(code));
    trial(found, "sessions survive a failed decryption", () => ciphers.sessionSurvives(code));
    const inParts = trial(found, "GCM in parts", () => ciphers.inParts(code));
    found.quirks = { ...found.quirks, gcmParameters: form, gcmInParts: inParts === true };
  }
  const oaep = trial(found, "RSA OAEP", () => ciphers.oaep());
  found.quirks = { ...found.quirks, plainOaepOnly: oaep !== undefined && oaep !== "any" };
}

function trySignatures(bench: Bench, found: Found): void {
  const signs = new SignTrials(bench);
  trial(found, "shortest HMAC keys in bytes", () => signs.shortestKeys());
  const nothing = trial(found, "digests and authenticates nothing in one part", () => signs.takesNothing());
  const encryptsNothing = found.trials["encrypts nothing in one part"];
  trial(found, "digests keys that may not be read", () => signs.digestsKeys());
  const otherMask = trial(found, "RSA PSS with another hash for MGF1", () => signs.pssWithOtherMask());
  trial(found, "EC keys agree as elsewhere", () => signs.agrees());
  found.quirks = {
    ...found.quirks,
    refusesEmptyPart: nothing === false || encryptsNothing === false,
    pssMaskFollowsHash: otherMask === false,
  };
}
