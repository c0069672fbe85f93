/** Runs cells of the matrix: what is asked for twice, once as it is and once as it never was, and what came of it. */

import { jsonEncoding, ttlvEncoding, xmlEncoding } from "#protocol/encodings/message-encoding.js";
import { Operation, ResultReason } from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { V2_1 } from "#protocol/versions.js";
import { KmipHttpClient } from "#test/support/http-client.js";
import { askAll, type Requester, requestMessageItem } from "#test/support/kmip-client-messages.js";
import { itemsIn, normalised, type Told, toldBy } from "./answers.js";
import { type Attempt, axes, type Cell, type Door, type Probe } from "./cell.js";
import { makeObject, nothingNamed, type Reference } from "./subjects.js";
import type { Asker, World } from "./world.js";

/** What went wrong in which cell. */
export interface Breach {
  readonly cell: string;
  readonly what: string;
}

/** A cell in words. */
export function describe(cell: Cell): string {
  const { place } = cell;
  return `${axes.map((axis) => String(cell[axis])).join(" / ")} at ${place}`;
}

/** Everything that is asked for, made before the first cell that asks for it. */
export class Subjects {
  private readonly made = new Map<string, Reference>();
  private readonly owner: Asker;

  constructor(owner: Asker) {
    this.owner = owner;
  }

  async prepare(cells: readonly Cell[]): Promise<void> {
    for (const { kind, state, leavesNamesake } of cells) {
      if (leavesNamesake) continue;
      const key = `${kind} ${state}`;
      if (!this.made.has(key)) this.made.set(key, await makeObject(this.owner.client, kind, state));
    }
  }

  /** The object that a cell asks for. */
  async for({ kind, state, leavesNamesake }: Cell): Promise<Reference> {
    if (leavesNamesake) return makeObject(this.owner.client, kind, state);
    const found = this.made.get(`${kind} ${state}`);
    if (found === undefined) throw new RangeError(`no ${kind} in state ${state} was made`);
    return found;
  }

  get count(): number {
    return this.made.size;
  }
}

/** Who asks in a cell. */
export function askerOf(world: World, { relation, permission }: Cell): Asker {
  if (relation === "neighbour") return world.neighbour;
  if (relation === "colleague") return world.without(permission);
  return relation === "own" ? world.owner : world[relation];
}

/** What came of one request. */
interface Outcome {
  readonly answer: Item;
  readonly told: Told;
  readonly audited: readonly string[];
}

function optionOf(continuation: Probe["continuation"]): readonly Item[] {
  if (continuation === undefined) return [];
  return [{ tag: Tag.BatchErrorContinuationOption, type: ItemType.Enumeration, value: continuation }];
}

/** Asks, over the doors that there are, and looks at the audit trail behind each answer. */
export class Desk {
  private readonly world: World;
  private readonly overHttps = new Map<string, KmipHttpClient>();
  /** Requests that were answered. */
  answered = 0;

  constructor(world: World) {
    this.world = world;
  }

  /** Sends the request of a cell. */
  async ask(cell: Cell, asker: Asker, { probe, header: more = [] }: Omit<Asking, "reference">): Promise<Outcome> {
    const { asked, continuation } = probe;
    const { witness } = this.world;
    const last = await witness.lastAudited(asker.tenantId);
    const header = [...asker.header, ...more, ...optionOf(continuation)];
    const answer = await this.at(cell.door, asker).request(requestMessageItem(cell.version, asked, header));
    this.answered += 1;
    const rows = await witness.auditedSince(asker.tenantId, last);
    const audited = rows
      .filter(({ outcome }) => outcome !== "intent")
      .map(({ operation, outcome, reason }) => `${operation} ${outcome} ${reason ?? ""}`);
    await this.restore(cell, asker);
    return { answer, told: toldBy(answer), audited };
  }

  /** How long an answer takes, in milliseconds, from the sending to the reading. */
  async time(cell: Cell, asker: Asker, { asked, continuation }: Probe): Promise<number> {
    const header = [...asker.header, ...optionOf(continuation)];
    const message = requestMessageItem(cell.version, asked, header);
    const client = this.at(cell.door, asker);
    const began = performance.now();
    await client.request(message);
    const milliseconds = performance.now() - began;
    this.answered += 1;
    await this.restore(cell, asker);
    return milliseconds;
  }

  /** Takes back rules that a request made for the asker's whole tenant. */
  private async restore({ operation }: Cell, { client }: Asker): Promise<void> {
    if (operation === "Set Defaults") await askAll(client, V2_1, [{ operation: Operation.SetDefaults, payload: {} }]);
    if (operation !== "Set Constraints") return;
    await askAll(client, V2_1, [{ operation: Operation.SetConstraints, payload: { constraints: { constraint: [] } } }]);
  }

  private at(door: Door, asker: Asker): Requester {
    if (door === "TLS") return asker.client;
    const key = `${door} ${asker.name}`;
    const encoding = { "HTTPS TTLV": ttlvEncoding, "HTTPS XML": xmlEncoding, "HTTPS JSON": jsonEncoding }[door];
    const client = this.overHttps.get(key) ?? new KmipHttpClient(this.world.server.httpsPort, asker.identity, encoding);
    this.overHttps.set(key, client);
    return client;
  }

  async close(): Promise<void> {
    for (const client of this.overHttps.values()) await client.close();
  }
}

/** One request with what it asks for. */
export interface Asking {
  readonly probe: Probe;
  readonly reference: Reference;
  /** Header fields beside those of the asker. */
  readonly header?: readonly Item[];
}

/** Asks for what is not the asker's, and for nothing: both must come to the same, and leave the object as it was. */
export async function tryForeign(world: World, desk: Desk, cell: Cell, subject: Reference): Promise<readonly string[]> {
  const asker = askerOf(world, cell);
  const missing = nothingNamed();
  return tryPair(world, desk, cell, {
    foreign: { probe: await cell.probe(asker.own, subject), reference: subject },
    none: { probe: await cell.probe(asker.own, missing), reference: missing },
  });
}

/** Asks both; gives what differs, and what was touched. */
export async function tryPair(
  world: World,
  desk: Desk,
  cell: Cell,
  pair: { readonly foreign: Asking; readonly none: Asking; readonly asker?: Asker | undefined },
): Promise<readonly string[]> {
  const { witness, owner } = world;
  const asker = pair.asker ?? askerOf(world, cell);
  const { reference: subject } = pair.foreign;
  const row = await witness.object(owner.tenantId, subject.identifier);
  const ownersAudit = await witness.lastAudited(owner.tenantId);
  const foreign = await desk.ask(cell, asker, pair.foreign);
  const none = await desk.ask(cell, asker, pair.none);
  const wrong = [...differences({ ...foreign, reference: subject }, { ...none, reference: pair.none.reference })];
  const isPlain = cell.isTarget && cell.road === "identifier" && cell.relation === "stranger";
  if (isPlain && !notThere.has(none.told.reason))
    wrong.push(`what is missing is not said to be: ${inWords(none.told)}`);
  if ((await witness.object(owner.tenantId, subject.identifier)) !== row) wrong.push("the object has changed");
  if (asker.tenantId !== owner.tenantId && (await witness.lastAudited(owner.tenantId)) !== ownersAudit)
    wrong.push("the owner's audit trail has a new record");
  return wrong;
}

/** Reasons by which an object is not there. */
const notThere: ReadonlySet<number | undefined> = new Set([ResultReason.ItemNotFound, ResultReason.ObjectNotFound]);

type OutcomeOf = Outcome & { readonly reference: Reference };

/** In what the asker, or the audit trail, can tell one from the other. */
function differences(foreign: OutcomeOf, none: OutcomeOf): readonly string[] {
  const wrong: string[] = [];
  const [one, other] = [foreign, none].map(({ answer, reference }) => normalised(answer, reference).toString("hex"));
  if (one !== other) wrong.push(`answered ${inWords(foreign.told)}, and where there is none ${inWords(none.told)}`);
  if (none.told.message?.startsWith("too many") === true) wrong.push("nothing was asked: the client has to wait");
  if (told(foreign) !== told(none)) wrong.push("the answer tells what names the object");
  for (const {
    audited,
    told: { items },
  } of [foreign, none])
    if (audited.length !== items) wrong.push(`${items} items, but in the audit: ${audited.join(", ")}`);
  if (foreign.audited.join() !== none.audited.join())
    wrong.push(`audited ${foreign.audited.join(", ")}, and where there is none ${none.audited.join(", ")}`);
  return wrong;
}

/** How often an answer gives back what was asked for. */
function told({ answer, reference: { identifier, name, group } }: OutcomeOf): number {
  return itemsIn(answer).filter(({ value }) => value === identifier || value === name || value === group).length;
}

function inWords({ reason, message, succeeded }: Told): string {
  return succeeded ? "success" : `reason ${reason} "${message}"`;
}

/** What the owner is told of an object of its own, beside what it is told of a missing one. */
export interface OwnOutcome {
  readonly told: Told;
  readonly isLikeMissing: boolean;
}

/** Asks for the owner's own object, made for this cell alone. */
export async function tryOwn(world: World, desk: Desk, cell: Cell): Promise<OwnOutcome> {
  const { owner } = world;
  const subject = await makeObject(owner.client, cell.kind, cell.state);
  const missing = nothingNamed();
  const ofSubject = await cell.probe(owner.own, subject);
  const ofMissing = await cell.probe(owner.own, missing);
  const { answer, told } = await desk.ask(cell, owner, { probe: ofSubject });
  const none = await desk.ask(cell, owner, { probe: ofMissing });
  return { told, isLikeMissing: normalised(answer, subject).equals(normalised(none.answer, missing)) };
}

/** The cells of an attempt. */
export function cellsOf({ relations, ...attempt }: Attempt): readonly Cell[] {
  return relations.map((relation) => ({ ...attempt, relation }));
}
