import type { Call } from "../call.js";
import { type MechanismFlag, mechanismFlags, TokenFlag, unavailableInformation } from "../constants.js";
import { mechanismRows } from "../mechanisms.js";
import { type Answer, ok, Refusal } from "../outcome.js";
import { ParameterWriter } from "../parameters.js";

/** The one slot there is: the tenant's own partition. */
export const slotId = 0;

const maker = "Keyreeve";

/** Reads a slot, which must be the one there is. Throws Refusal. */
export function demandSlot({ input }: Call): void {
  if (input.ulong() !== slotId) throw new Refusal("SLOT_ID_INVALID");
}

/** C_GetInfo: this layer, and the version of PKCS#11 that the token's module speaks. */
export async function getInfo({ context, input }: Call): Promise<Answer> {
  input.end();
  const { cryptokiVersion } = await context.deployment.tokenInformation(context.tenantId);
  const output = new ParameterWriter()
    .version(cryptokiVersion)
    .padded(maker, 32)
    .ulong(0)
    .padded("Keyreeve PKCS#11 over KMIP", 32)
    .version(context.deployment.serverVersion);
  return ok(output.done());
}

/** C_GetSlotList. */
export async function getSlotList({ input }: Call): Promise<Answer> {
  input.boolean();
  return listed(input.room(), [slotId], () => input.end());
}

/** C_GetSlotInfo. */
export async function getSlotInfo(call: Call): Promise<Answer> {
  demandSlot(call);
  call.input.end();
  const { context } = call;
  const output = new ParameterWriter()
    .padded("HSM partition of the tenant", 64)
    .padded(maker, 32)
    .ulong(TokenFlag.present)
    .version("0.0")
    .version(context.deployment.serverVersion);
  return ok(output.done());
}

/** C_GetTokenInfo. No PIN is needed: the client has shown who it is by its certificate. */
export async function getTokenInfo(call: Call): Promise<Answer> {
  demandSlot(call);
  call.input.end();
  const { context, instance } = call;
  const { tokenSerial, manufacturer, libraryVersion } = await context.deployment.tokenInformation(context.tenantId);
  const { sessions, limits } = instance;
  const writable = [...sessions.values()].filter(({ readWrite }) => readWrite).length;
  const output = new ParameterWriter()
    .padded(context.request.caller.tenantName, 32)
    .padded(manufacturer, 32)
    .padded(maker, 16)
    .padded(tokenSerial, 16)
    .ulong(
      TokenFlag.randomNumbers |
        TokenFlag.userPinInitialised |
        TokenFlag.protectedAuthenticationPath |
        TokenFlag.initialised,
    )
    .ulong(limits.maximumSessions)
    .ulong(sessions.size)
    .ulong(limits.maximumSessions)
    .ulong(writable)
    .ulong(0)
    .ulong(0);
  for (let memory = 0; memory < 4; memory += 1) output.ulong(unavailableInformation);
  return ok(output.version("0.0").version(libraryVersion).padded("", 16).done());
}

/** What a mechanism of this layer can be used for with the token, or undefined where the token lacks it. */
async function offeredMechanism(call: Call, type: number) {
  const row = mechanismRows.get(type);
  const { mechanisms } = await call.context.deployment.tokenInformation(call.context.tenantId);
  const inToken = mechanisms.find(({ code }) => code === type || code === row?.otherwise);
  if (row === undefined || inToken === undefined) return undefined;
  const flags = row.uses.filter((use) => row.otherwise !== undefined || inToken.flags.includes(use));
  return { ...inToken, flags };
}

/** C_GetMechanismList: what both this layer and the token do. */
export async function getMechanismList(call: Call): Promise<Answer> {
  demandSlot(call);
  const room = call.input.room();
  call.input.end();
  const offered: number[] = [];
  for (const type of mechanismRows.keys()) {
    if ((await offeredMechanism(call, type)) !== undefined) offered.push(type);
  }
  return listed(room, offered, () => undefined);
}

/** C_GetMechanismInfo. */
export async function getMechanismInfo(call: Call): Promise<Answer> {
  demandSlot(call);
  const type = call.input.ulong();
  call.input.end();
  const mechanism = await offeredMechanism(call, type);
  if (mechanism === undefined) throw new Refusal("MECHANISM_INVALID");
  const flags = mechanism.flags.reduce((sum, use: MechanismFlag) => sum | mechanismFlags[use], 0);
  const hardware = mechanism.flags.some((name) => name === "hardware") ? mechanismFlags.hardware : 0;
  const { minimumKeySize, maximumKeySize } = mechanism;
  const output = new ParameterWriter()
    .ulong(minimumKeySize)
    .ulong(maximumKeySize)
    .ulong(flags | hardware);
  return ok(output.done());
}

/** A list of numbers for a client that may have asked for its length only (PKCS#11 3.0 §5.2). */
function listed(
  room: { readonly wanted: boolean; readonly length: number },
  values: readonly number[],
  end: () => void,
): Answer {
  end();
  const fits = room.wanted && room.length >= values.length;
  const output = new ParameterWriter().boolean(fits).length(values.length);
  if (fits) for (const value of values) output.ulong(value);
  return { returnCode: room.wanted && !fits ? "BUFFER_TOO_SMALL" : "OK", output: output.done() };
}
