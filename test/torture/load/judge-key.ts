/** Judges one key of a journal against what a server shows of it. */
import { State } from "#protocol/enums/index.js";
import { SeededRandom } from "#test/fuzz/random.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import { type Finding, finding, type Invariant } from "./finding.js";
import { after, isGone, type KeyFacts } from "./key-facts.js";
import type { KeyRecord } from "./ledger.js";
import { type Position, publicNameOf } from "./move.js";
import {
  answerOrReason,
  attributesOf,
  gotten,
  isGivenAgain,
  located,
  wrongAtDecrypt,
  wrongAtSign,
} from "./questions.js";
import { differences, type Seen, stateName, wentBack } from "./seen.js";
import type { LoadTenant } from "./tenants.js";
import { isGiven } from "./using-moves.js";

/** What a key turned out to be. */
export interface Judged {
  /** As it is from now on; null where there is none. */
  readonly facts: KeyFacts | null;
  /** Of the doubts about it, how many from the first on were done. */
  readonly done: number;
  readonly findings: readonly Finding[];
}

/** What was seen of a key, asked for once. */
class Sight {
  readonly found: readonly string[];
  private readonly client: KmipClient;
  private readonly seen = new Map<string, Seen | string>();

  constructor(client: KmipClient, found: readonly string[]) {
    this.client = client;
    this.found = found;
  }

  async of(id: string): Promise<Seen | string> {
    const known = this.seen.get(id) ?? (await attributesOf(this.client, id));
    this.seen.set(id, known);
    return known;
  }
}

/** What the key may be: as promised, and after each of the doubtful requests in turn. */
function possibilities({ facts, doubts }: KeyRecord, found: readonly string[]): readonly (KeyFacts | null)[] {
  const list: (KeyFacts | null)[] = [facts];
  let current = facts;
  for (const { sent, ended } of doubts) {
    const before = current?.id;
    current = after(current, sent.move, sent.given, ended?.got ?? {});
    const told = current.id ?? found.find((id) => id !== before);
    current = { ...current, id: told };
    list.push(current);
  }
  return list;
}

/** In what the key differs from a possibility; empty where it is that. */
async function against(facts: KeyFacts | null, record: KeyRecord, sight: Sight): Promise<readonly string[]> {
  const { found } = sight;
  if (facts === null) return found.length === 0 ? [] : [`${found.join()} is there, which was not made`];
  if (facts.id === undefined) return ["it is not there"];
  const seen = await sight.of(facts.id);
  if (typeof seen === "string") return [`it is not there: ${seen}`];
  const wanted = isGone(facts.state) ? [] : [facts.id];
  const wrong = found.join() === wanted.join() ? [] : [`Locate gives ${found.join() || "nothing"}`];
  return [...wrong, ...differences(facts, record.name, seen)];
}

async function whichOf(record: KeyRecord, sight: Sight): Promise<Omit<Judged, "findings"> | readonly string[]> {
  const list = possibilities(record, sight.found);
  let nearest: readonly string[] | undefined;
  for (const [index, facts] of list.entries()) {
    const wrong = await against(facts, record, sight);
    if (wrong.length === 0) return { facts, done: index };
    if (nearest === undefined || wrong.length < nearest.length) nearest = wrong;
  }
  return nearest ?? [];
}

/** Asks about a key and judges it: I1 and I4. That it is not answered is wrong too. */
export async function judgeKey(client: KmipClient, tenant: LoadTenant, record: KeyRecord): Promise<Judged> {
  const judged = await answerOrReason(() => judgeAnswers(client, tenant, record));
  if (typeof judged !== "string") return judged;
  return { facts: record.facts, done: 0, findings: [finding("I1", record, `it is not told of: ${judged}`)] };
}

async function judgeAnswers(client: KmipClient, tenant: LoadTenant, record: KeyRecord): Promise<Judged> {
  const sight = new Sight(client, await located(client, record.name));
  const which = await whichOf(record, sight);
  const tell = (invariant: Invariant, what: string): Finding => finding(invariant, record, what);
  if (!("facts" in which))
    return { facts: record.facts, done: 0, findings: await explained(record, sight, which, tell) };
  const { facts, wrong } = await withPublicHalf(client, record, which.facts);
  if (facts !== null) {
    wrong.push(...(await wrongValues(client, tenant, record, facts)), ...(await wrongFormer(client, record, facts)));
  }
  return { done: which.done, facts, findings: wrong.map((what) => tell("I1", what)) };
}

/** Both halves of a pair are there, or neither. Gives the key with its public half where no answer told that. */
async function withPublicHalf(
  client: KmipClient,
  { name, doubts }: KeyRecord,
  facts: KeyFacts | null,
): Promise<{ readonly facts: KeyFacts | null; readonly wrong: string[] }> {
  const isPair = facts?.kind === "pair" || doubts.some(({ sent }) => sent.move === "createPair");
  if (!isPair) return { facts, wrong: [] };
  const found = await located(client, publicNameOf(name));
  const publicId = facts === null ? undefined : (facts.publicId ?? found[0]);
  const isRight = found.length === (facts === null ? 0 : 1) && found[0] === publicId;
  const wrong = isRight ? [] : [`of its public half there is ${found.join() || "nothing"}`];
  return { facts: facts === null ? null : { ...facts, publicId }, wrong };
}

async function explained(
  { facts, doubts }: KeyRecord,
  sight: Sight,
  wrong: readonly string[],
  tell: (invariant: Invariant, what: string) => Finding,
): Promise<readonly Finding[]> {
  const seen = facts?.id === undefined ? undefined : await sight.of(facts.id);
  const state = typeof seen === "object" ? seen.state : undefined;
  const came = facts !== null && state !== undefined && wentBack(facts.state, state);
  const back = came ? [tell("I4", `it went from ${stateName(facts.state)} back to ${stateName(state)}`)] : [];
  const text = doubts.length === 0 ? "" : ` (${doubts.map(({ sent }) => sent.move).join()} in doubt)`;
  return [...back, tell("I1", `${wrong.join("; ")}${text}`)];
}

const processed: ReadonlySet<number> = new Set([State.Active, State.Deactivated, State.Compromised]);
const nothingRandom = new SeededRandom(0);

async function wrongValues(
  client: KmipClient,
  { custody }: LoadTenant,
  { tenant, name }: KeyRecord,
  facts: KeyFacts,
): Promise<readonly string[]> {
  const { id = "", sealed, publicKey, state } = facts;
  if (isGone(state) && (await isGivenAgain(client, facts))) return ["it is destroyed and given all the same"];
  const of = { id, tenant, key: name };
  const position: Position = {
    ...{ tenant, custody, key: name, facts },
    ...{ random: nothingRandom, count: 0, foreignId: undefined },
  };
  const wrong = [
    sealed !== undefined && processed.has(state) ? await wrongAtDecrypt(client, { ...of, sealed }) : undefined,
    facts.kind === "pair" && state === State.Active ? await wrongAtSign(client, { ...of, publicKey }) : undefined,
    isGiven(position) ? (await gotten(client, position)).wrong : undefined,
  ];
  return wrong.filter((text) => text !== undefined);
}

/** Keys that were replaced keep their state and what they can decrypt, and lose the name. */
async function wrongFormer(
  client: KmipClient,
  { tenant, name }: KeyRecord,
  { former }: KeyFacts,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const { id, state, sealed } of former) {
    const seen = await attributesOf(client, id);
    if (typeof seen === "string") wrong.push(`the key ${id} before it is not there: ${seen}`);
    else if (seen.state !== state)
      wrong.push(`the key ${id} before it is ${stateName(seen.state)}, not ${stateName(state)}`);
    else if (seen.names.length > 0) wrong.push(`the key ${id} before it still has the name`);
    if (sealed === undefined || !processed.has(state)) continue;
    const atDecrypt = await wrongAtDecrypt(client, { id, sealed, tenant, key: name });
    if (atDecrypt !== undefined) wrong.push(`the key ${id} before it: ${atDecrypt}`);
  }
  return wrong;
}
