import { setTimeout as pause } from "node:timers/promises";
import { Tag } from "#protocol/tags.js";
import { ItemType } from "#protocol/ttlv/item.js";
import { OperationFailed } from "#test/support/kmip-client-messages.js";
import { outcomeOf } from "../answers.js";
import { describe } from "../finding.js";
import { mutateMeaning } from "../mutators/items.js";
import { encodeRaw, everyItem, rawFrom } from "../mutators/raw-item.js";
import type { SeededRandom } from "../random.js";
import { requests } from "../seeds.js";
import { Fault, type Target } from "../target.js";
import { ObjectPool } from "./objects.js";
import { openWorld, type World } from "./world.js";

/** Messages between two renewals of an object, and in one world before another is made. */
const renewEvery = 50;
const worldEvery = 20_000;

/** An answer takes as long as the token does; this process may be busy with one message for so long, in milliseconds. */
const longestBusy = 1000;
/** Making a long RSA key takes a token seconds; a request that is answered later than this hangs. In milliseconds. */
const longestAnswer = 30_000;

const identifierTags: ReadonlySet<number> = new Set([
  Tag.UniqueIdentifier,
  Tag.PrivateKeyUniqueIdentifier,
  Tag.PublicKeyUniqueIdentifier,
  Tag.LinkedObjectIdentifier,
]);

/** Names objects that there are in a message. */
export function withLiveObjects(bytes: Buffer, random: SeededRandom, identifiers: readonly string[]): Buffer {
  const root = identifiers.length === 0 || random.oneIn(5) ? undefined : rawFrom(bytes);
  if (root === undefined) return bytes;
  const named = everyItem(root).filter(({ tag, type }) => identifierTags.has(tag) && type === ItemType.TextString);
  if (named.length === 0) return bytes;
  const first = random.pick(identifiers);
  for (const item of named) item.content = Buffer.from(random.oneIn(3) ? random.pick(identifiers) : first);
  return encodeRaw(root);
}

/** Rejects with Fault where the answer does not come. */
async function inTime(answer: Promise<Buffer>): Promise<Buffer> {
  const answered = new AbortController();
  const late = pause(longestAnswer, undefined, { signal: answered.signal }).then(() => {
    throw new Fault(`there was no answer within ${longestAnswer} ms`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([answer, late]);
  } finally {
    answered.abort();
  }
}

class PathTarget implements Target {
  readonly name = "path";
  readonly about =
    "the whole message path answers with a reason of KMIP, and nothing is logged as a fault of the server";
  readonly native = true;
  readonly longest = 60_000;
  readonly seeds = requests();
  private readonly pool = new ObjectPool();
  private world: World | undefined;
  private executions = 0;

  mutate(input: Buffer, random: SeededRandom, other: () => Buffer): Buffer {
    return withLiveObjects(mutateMeaning(input, random, other), random, this.pool.identifiers);
  }

  async execute(input: Buffer): Promise<string> {
    const world = await this.prepared();
    const busy = process.cpuUsage();
    // What is read out of a request is overwritten when it is done.
    const answer = await inTime(world.answer(Buffer.from(input)));
    const { user } = process.cpuUsage(busy);
    const [fault] = world.faults();
    if (fault !== undefined) throw new Fault(`${fault.message}: ${describe(fault.error)}`);
    if (user / 1000 > longestBusy) throw new Fault(`the process was busy for ${Math.round(user / 1000)} ms`);
    return outcomeOf(answer);
  }

  async close(): Promise<void> {
    await this.world?.close();
    this.world = undefined;
  }

  private async prepared(): Promise<World> {
    if (this.executions % worldEvery === 0) await this.close();
    this.executions += 1;
    if (this.world !== undefined && this.executions % renewEvery === 0) await this.renew(this.world);
    this.world ??= await this.newWorld();
    this.world.faults();
    return this.world;
  }

  private async newWorld(): Promise<World> {
    const world = await openWorld();
    await this.pool.fill(world.client);
    return world;
  }

  /** Rules that messages have set for their tenant may forbid a new object: then another world is made. */
  private async renew({ client }: World): Promise<void> {
    try {
      await this.pool.renew(client);
    } catch (error) {
      if (!(error instanceof OperationFailed)) throw error;
      await this.close();
    }
  }
}

/** Every request through the real pipeline, with a database in memory and a real SoftHSM. */
export function pathTarget(): Target {
  return new PathTarget();
}
