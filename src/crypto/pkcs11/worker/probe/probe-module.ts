import { existsSync } from "node:fs";
import pkcs11js from "pkcs11js";
import type { ProbeFindings, ProbeReport, ProbeRequest, SlotReport } from "../../profiles/probe-report.js";
import { PROFILE_FORMAT, PROFILE_VERSION } from "../../profiles/profile.js";
import type { Quirks } from "../../profiles/quirks.js";
import { unmetRequirements } from "../../profiles/requirements.js";
import { WorkerFailure } from "../errors.js";
import { fieldText } from "../fields.js";
import { describeLibrary, describeMechanisms } from "../information.js";
import { loadModule } from "../loading.js";
import { logIn } from "../login.js";
import { mechanismInfo, profileOf } from "../module-check.js";
import { Bench } from "./bench.js";
import { speedsOf } from "./speeds.js";
import { tryAll } from "./trials.js";

/** CK_UNAVAILABLE_INFORMATION as 32 and 64 bits, which stand for counts that are not told; 0 sessions are no limit. */
const UNTOLD: ReadonlySet<number> = new Set([0xffffffff, 2 ** 64]);

/** CKF_TOKEN_PRESENT of a slot, which pkcs11js does not name. */
const TOKEN_PRESENT = 1;

function count(value: number): number | null {
  return UNTOLD.has(value) ? null : value;
}

function limit(value: number): number | null {
  return value === 0 ? null : count(value);
}

const NO_TOKEN = {
  tokenLabel: null,
  tokenSerial: null,
  tokenModel: null,
  isInitialised: false,
  mostSessions: null,
  mostReadWriteSessions: null,
  shortestPin: null,
  longestPin: null,
} as const;

function describeSlot(module: pkcs11js.PKCS11, slot: pkcs11js.Handle): SlotReport {
  const information = module.C_GetSlotInfo(slot);
  const description = fieldText(information.slotDescription);
  if ((information.flags & TOKEN_PRESENT) === 0) return { description, ...NO_TOKEN };
  const token = module.C_GetTokenInfo(slot);
  return {
    description,
    tokenLabel: fieldText(token.label),
    tokenSerial: fieldText(token.serialNumber),
    tokenModel: fieldText(token.model),
    isInitialised: (token.flags & pkcs11js.CKF_TOKEN_INITIALIZED) !== 0,
    mostSessions: limit(token.maxSessionCount),
    mostReadWriteSessions: limit(token.maxRwSessionCount),
    shortestPin: count(token.minPinLen),
    longestPin: count(token.maxPinLen),
  };
}

/** The slot to be tried: that of the label, or the first with a token that has been initialised. */
function chooseSlot(module: pkcs11js.PKCS11, label: string | undefined): pkcs11js.Handle {
  const slots = module.C_GetSlotList(true);
  const chosen = slots.find((slot) => {
    const { flags, label: own } = module.C_GetTokenInfo(slot);
    return label === undefined ? (flags & pkcs11js.CKF_TOKEN_INITIALIZED) !== 0 : fieldText(own) === label;
  });
  const fallback = label === undefined ? slots[0] : undefined;
  const slot = chosen ?? fallback;
  if (slot !== undefined) return slot;
  const message = label === undefined ? "the module has no token" : `the module has no token labelled "${label}"`;
  throw new WorkerFailure("invalid-data", message);
}

function lackingIn(module: pkcs11js.PKCS11, slot: pkcs11js.Handle, quirks: Quirks): ProbeFindings["lacking"] {
  const flagsOf = (mechanism: number): number | null => mechanismInfo(module, slot, mechanism)?.flags ?? null;
  const lacking = (root: boolean): string[] =>
    unmetRequirements(quirks, root, flagsOf).map(({ name, purpose }) => `${name} ${purpose}`);
  return { root: lacking(true), tenant: lacking(false) };
}

/** What no probe finds out without leaving something behind. */
const NEVER_TRIED: readonly string[] = [
  "whether keys of the token are unwrapped that are not modifiable (unwrapsModifiableOnly), and whether they are files " +
    "that the module does not make durable (keepsFiles): taken to be as the profile that is known has it, or not so",
  "objects of the token (durability, room, changing attributes): they would stay behind; bind a partition to a token of " +
    "its own to try them",
  "removal and return of the token, and loss of power: they take hands",
];

/** Reads what a module tells of itself and, given a PIN, tries what it does, with session objects only. */
export function probeModule(request: ProbeRequest): ProbeReport {
  const { module: location, pin } = request;
  if (!existsSync(location.path)) throw new WorkerFailure("invalid-data", `there is no module at ${location.path}`);
  const module = loadModule(location);
  const library = describeLibrary(module);
  const slot = chooseSlot(module, request.tokenLabel);
  const { name, quirks: assumed } = profileOf(module, undefined);
  const read = {
    library,
    slots: module.C_GetSlotList(false).map((each) => describeSlot(module, each)),
    mechanisms: describeMechanisms(module, slot),
  };
  const profile = {
    format: PROFILE_FORMAT,
    version: PROFILE_VERSION,
    name: name === "standard" ? `${library.manufacturer} ${library.libraryVersion}` : name,
    manufacturer: library.manufacturer,
    libraryVersions: [library.libraryVersion],
  } as const;
  if (pin === undefined) {
    const notTried = ["everything that takes a login: give the user PIN with --pin-file", ...NEVER_TRIED];
    const lacking = lackingIn(module, slot, assumed);
    return { ...profile, quirks: assumed, findings: { ...read, trials: {}, callsPerSecond: {}, notTried, lacking } };
  }
  const bench = new Bench(module, slot);
  try {
    logIn(module, slot, bench.session, { pin, refusedBefore: true });
  } finally {
    pin.fill(0);
  }
  const { trials, quirks } = tryAll(bench, assumed);
  const lacking = lackingIn(module, slot, quirks);
  const findings = { ...read, trials, callsPerSecond: speedsOf(bench), notTried: NEVER_TRIED, lacking };
  module.C_CloseAllSessions(slot);
  return { ...profile, quirks, findings };
}
