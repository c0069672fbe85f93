import type { HashResponse } from "#protocol/payloads/hash.js";
import { hash } from "../../hash.js";
import type { Call } from "../call.js";
import { readMechanism } from "../mechanisms.js";
import { type Answer, Refusal } from "../outcome.js";
import type { Computing } from "./parts.js";

/** C_Digest and its kin: KMIP's Hash. */
export const digesting: Computing = {
  kind: "digest",
  async compute(call, { mechanism }, data) {
    const request = { cryptographicParameters: mechanism.parameters, data };
    const { data: digest } = await call.context.perform<HashResponse>(hash, request);
    return digest ?? Buffer.alloc(0);
  },
};

/** C_DigestInit. */
export async function digestInit(call: Call): Promise<Answer> {
  const session = call.session();
  const mechanism = readMechanism(call.input, "digest");
  call.input.end();
  if (session.operations.digest !== undefined) throw new Refusal("OPERATION_ACTIVE");
  call.putOperation(session, "digest", { mechanism, keyId: undefined, parts: [], inParts: false });
  return { returnCode: "OK" };
}
