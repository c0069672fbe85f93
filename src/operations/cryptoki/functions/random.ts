import type { RngRetrieveResponse } from "#protocol/payloads/rng-retrieve.js";
import { rngRetrieve } from "../../rng-retrieve.js";
import { rngSeed } from "../../rng-seed.js";
import type { Call } from "../call.js";
import { type Answer, ok } from "../outcome.js";
import { ParameterWriter } from "../parameters.js";

/** C_GenerateRandom: KMIP's RNG Retrieve. Some clients send the empty buffer along. */
export async function generateRandom(call: Call): Promise<Answer> {
  call.session();
  const length = call.input.length();
  if (call.input.left === length) call.input.take(length);
  call.input.end();
  const { data } = await call.context.perform<RngRetrieveResponse>(rngRetrieve, { dataLength: length });
  return ok(new ParameterWriter().bytes(data).done());
}

/** C_SeedRandom: KMIP's RNG Seed, which does not use the seed, as PKCS#11 lets a token do. */
export async function seedRandom(call: Call): Promise<Answer> {
  call.session();
  const data = call.input.counted();
  call.input.end();
  await call.context.perform(rngSeed, { data });
  return { returnCode: "RANDOM_SEED_NOT_SUPPORTED" };
}
