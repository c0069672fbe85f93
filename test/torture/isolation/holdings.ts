/** What clients keep with the server between requests and is no object: streams, asynchronous requests, tickets, instances of PKCS#11. */
import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { AsynchronousIndicator, Operation, PKCS_11Function, ResultStatus, TicketType } from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { V2_1 } from "#protocol/versions.js";
import { ParameterWriter } from "#src/operations/cryptoki/parameters.js";
import { CryptokiClient } from "#test/support/cryptoki.js";
import { aesKey } from "#test/support/kmip-actions.js";
import { askAll, askFor } from "#test/support/kmip-client-messages.js";
import type { Cell } from "./cell.js";
import { type Asking, type Desk, tryPair } from "./matrix.js";
import { type Fields, payloadOf, withValue } from "./payloads.js";
import type { Naming, Place, PlacedOperation } from "./places.js";
import type { Relation } from "./relations.js";
import { nothingNamed } from "./subjects.js";
import { bestKind, naming, usualFields } from "./usual.js";
import { type Asker, bearing, ownersTenant, strangersTenant, type Ticket, type World } from "./world.js";

/** Bytes that name something, and bytes of the same kind that name nothing. */
interface Value {
  readonly what: string;
  readonly bytes: Buffer;
}

/** What the owner has under way. */
export interface Holdings {
  readonly values: ReadonlyMap<Naming, readonly Value[]>;
  readonly login: Ticket;
  readonly delegated: Ticket;
  readonly cryptoki: CryptokiClient;
  readonly session: bigint;
  readonly key: bigint;
}

const mandatory: Item = {
  tag: Tag.AsynchronousIndicator,
  type: ItemType.Enumeration,
  value: AsynchronousIndicator.Mandatory,
};

async function submit({ client }: Asker): Promise<Buffer> {
  const [answer] = await askAll(client, V2_1, [{ operation: Operation.Create, payload: aesKey() }], [mandatory]);
  const value = answer?.item.asynchronousCorrelationValue;
  if (value === undefined) throw new RangeError("the request was not put off");
  return value;
}

/** Begins everything that the owner can have under way. */
export async function beginAll({ owner }: World, placed: readonly PlacedOperation[]): Promise<Holdings> {
  const { client, own } = owner;
  const streams: Value[] = [];
  for (const { operation, request } of placed.filter(({ operation: { inParts } }) => inParts === true)) {
    const hasKey = "uniqueIdentifier" in request.fields;
    const key = hasKey ? naming(operation.name, [(await own.of(bestKind(operation.name))).identifier]) : {};
    const payload = { ...usualFields(operation.name), ...key, initIndicator: true };
    const begun = await askFor<{ correlationValue?: Buffer }>(client, V2_1, operation.code, payload);
    if (begun.correlationValue === undefined) throw new RangeError(`${operation.name} was not begun in parts`);
    streams.push({ what: `stream of ${operation.name}`, bytes: begun.correlationValue });
  }
  const cryptoki = await CryptokiClient.initialise(client);
  const session = await cryptoki.openSession();
  const key = await cryptoki.generateKey(session, { TOKEN: true, ENCRYPT: true });
  if (cryptoki.correlationValue !== undefined)
    streams.push({ what: "instance of PKCS#11", bytes: cryptoki.correlationValue });
  const ended = await submit(owner);
  await untilEnded(owner, ended);
  const login = (await askFor<{ ticket: Ticket }>(client, V2_1, Operation.Login, {})).ticket;
  const terms = { rights: { right: [{}] } };
  const delegated = (await askFor<{ ticket: Ticket }>(client, V2_1, Operation.DelegatedLogin, terms)).ticket;
  const values = new Map<Naming, readonly Value[]>([
    ["stream", streams],
    [
      "asynchronous request",
      [
        { what: "request that waits", bytes: await submit(owner) },
        { what: "request that has ended", bytes: ended },
      ],
    ],
    [
      "ticket",
      [
        { what: "ticket of a login", bytes: login.ticketValue },
        { what: "delegated ticket", bytes: delegated.ticketValue },
      ],
    ],
  ]);
  return { values, login, delegated, cryptoki, session, key };
}

async function untilEnded({ client }: Asker, asynchronousCorrelationValue: Buffer): Promise<void> {
  const poll = { operation: Operation.Poll, payload: { asynchronousCorrelationValue } };
  for (let tries = 0; tries < 200; tries += 1) {
    const [answer] = await askAll(client, V2_1, [poll]);
    if (answer?.status === ResultStatus.Success) return;
    await pause(50);
  }
  throw new RangeError("an asynchronous request did not end");
}

/** A cell about something of the owner that is no object. */
export interface HoldingCell {
  readonly cell: Cell;
  /** Who asks, where that is not simply somebody in the relation. */
  readonly asker?: () => Promise<Asker>;
  readonly pair: { readonly foreign: Asking; readonly none: Asking };
}

type Facts = Pick<Cell, "road" | "operation" | "place" | "relation" | "permission">;

function cellFor(facts: Facts): Cell {
  return {
    ...facts,
    kind: "Symmetric Key",
    state: "Active",
    version: V2_1,
    door: "TLS",
    isTarget: false,
    isHidden: false,
    leavesNamesake: false,
    probe: () => Promise.reject(new TypeError("what is asked for is no object")),
  };
}

const askers: readonly Relation[] = ["stranger", "neighbour"];

/** Every place that takes what the owner has under way, with each of it, and every operation under its ticket. */
export async function holdingCells(
  world: World,
  placed: readonly PlacedOperation[],
  holdings: Holdings,
): Promise<readonly HoldingCell[]> {
  const cells: HoldingCell[] = [];
  for (const relation of askers) {
    for (const operation of placed) {
      for (const place of operation.places)
        cells.push(...(await cellsAt(world, operation, place, { relation, holdings })));
    }
    cells.push(...placed.flatMap((operation, place) => ticketCells(world, operation, { relation, holdings, place })));
    cells.push(...(await handleCells(world, placed, relation, holdings)));
  }
  return cells;
}

type Setting = { readonly relation: Relation; readonly holdings: Holdings };

async function cellsAt(
  world: World,
  placed: PlacedOperation,
  place: Place,
  { relation, holdings }: Setting,
): Promise<readonly HoldingCell[]> {
  const { operation, request } = placed;
  const { own } = relation === "stranger" ? world.stranger : world.neighbour;
  const key = "uniqueIdentifier" in request.fields;
  const named = key ? naming(operation.name, [(await own.of(bestKind(operation.name))).identifier]) : {};
  const asking = (value: Buffer): Asking => {
    const fields: Fields = withValue(
      request,
      { ...usualFields(operation.name), ...named },
      place.path,
      place.many ? [value] : value,
    );
    const payload = payloadOf(placed, fields, V2_1);
    return { probe: { asked: [{ operation: operation.code, payload }] }, reference: nothingNamed() };
  };
  return (holdings.values.get(place.naming) ?? []).map(({ what, bytes }) => ({
    cell: cellFor({
      road: what,
      operation: operation.name,
      place: place.path.join("."),
      relation,
      permission: operation.permission,
    }),
    pair: { foreign: asking(bytes), none: asking(randomBytes(bytes.length)) },
  }));
}

/** Cells in which one client shows two wrong tickets each. */
const cellsOfOneClient = 8;

/** An operation under the ticket of the owner; a delegated one is good for neighbours. */
function ticketCells(
  world: World,
  placed: PlacedOperation,
  { relation, holdings: { login, delegated }, place }: Setting & { readonly place: number },
): readonly HoldingCell[] {
  const { operation } = placed;
  const payload = payloadOf(placed, usualFields(operation.name), V2_1);
  const asking = (ticket: Ticket): Asking => ({
    probe: { asked: [{ operation: operation.code, payload }] },
    reference: nothingNamed(),
    header: [bearing(ticket)],
  });
  const none = asking({ ticketType: TicketType.Login, ticketValue: randomBytes(login.ticketValue.length) });
  const shown = relation === "stranger" ? [login, delegated] : [login];
  const tenant = relation === "stranger" ? strangersTenant : ownersTenant;
  // A client may show so many wrong tickets a minute and is then told to wait, whatever it shows.
  const asker = () => world.another(tenant, Math.floor((place * shown.length) / cellsOfOneClient));
  return shown.map((ticket) => ({
    asker,
    cell: cellFor({
      road: ticket === login ? "ticket of a login shown" : "delegated ticket shown",
      operation: operation.name,
      place: "header",
      relation,
      permission: operation.permission,
    }),
    pair: { foreign: asking(ticket), none },
  }));
}

/** Every function of PKCS#11 with a session and with an object of the owner's instance. */
async function handleCells(
  world: World,
  placed: readonly PlacedOperation[],
  relation: Relation,
  { session, key }: Holdings,
): Promise<readonly HoldingCell[]> {
  const pkcs11 = placed.find(({ operation }) => operation.code === Operation.PKCS_11);
  if (pkcs11 === undefined) return [];
  const { client } = relation === "stranger" ? world.stranger : world.neighbour;
  const mine = await CryptokiClient.initialise(client);
  const mySession = await mine.openSession();
  const guess = () => randomBytes(8).readBigUInt64BE();
  const functions = Object.entries(PKCS_11Function).filter(
    ([name]) => name !== "C_Finalize" && name !== "C_CloseAllSessions",
  );
  return functions.flatMap(([name, pkcs11Function]) => {
    const asking = (inputOf: (writer: ParameterWriter) => ParameterWriter): Asking => {
      const pkcs11InputParameters = inputOf(new ParameterWriter()).bytes(Buffer.alloc(64)).done();
      const fields = { pkcs11Function, correlationValue: mine.correlationValue, pkcs11InputParameters };
      const payload = payloadOf(pkcs11, fields, V2_1);
      return { probe: { asked: [{ operation: Operation.PKCS_11, payload }] }, reference: nothingNamed() };
    };
    const road = (what: string, foreign: Asking, none: Asking): HoldingCell => ({
      cell: cellFor({
        road: what,
        operation: `PKCS#11 ${name}`,
        place: "pkcs11InputParameters",
        relation,
        permission: "inquire",
      }),
      pair: { foreign, none },
    });
    return [
      road(
        "session of PKCS#11",
        asking((to) => to.ulong(session).ulong(key)),
        asking((to) => to.ulong(guess()).ulong(guess())),
      ),
      road(
        "object of PKCS#11",
        asking((to) => to.ulong(mySession).ulong(key)),
        asking((to) => to.ulong(mySession).ulong(guess())),
      ),
    ];
  });
}

/** Tries one. */
export async function tryHolding(
  world: World,
  desk: Desk,
  { cell, pair, asker }: HoldingCell,
): Promise<readonly string[]> {
  return tryPair(world, desk, cell, { ...pair, asker: await asker?.() });
}

/** Goes on with everything as its owner; gives what is no longer as it was. */
export async function goOn(
  { owner }: World,
  placed: readonly PlacedOperation[],
  holdings: Holdings,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  const { client, own } = owner;
  const streams = new Map((holdings.values.get("stream") ?? []).map(({ what, bytes }) => [what, bytes]));
  for (const { operation, request } of placed) {
    const correlationValue = streams.get(`stream of ${operation.name}`);
    if (correlationValue === undefined) continue;
    const hasKey = "uniqueIdentifier" in request.fields;
    const key = hasKey ? naming(operation.name, [(await own.of(bestKind(operation.name))).identifier]) : {};
    const { ivCounterNonce: _begun, cryptographicParameters, ...usual } = usualFields(operation.name);
    const again = operation.code === Operation.Hash ? { cryptographicParameters } : {};
    const payload = { ...usual, ...key, ...again, correlationValue, finalIndicator: true };
    const [answer] = await askAll(client, V2_1, [{ operation: operation.code, payload }]);
    if (answer?.status !== ResultStatus.Success) wrong.push(`${operation.name} does not go on: ${answer?.message}`);
  }
  const information = await holdings.cryptoki.call("C_GetSessionInfo", new ParameterWriter().ulong(holdings.session));
  if (information.code !== "OK") wrong.push(`the session of PKCS#11 is not there: ${information.code}`);
  for (const ticket of [holdings.login, holdings.delegated]) {
    const query = { operation: Operation.Ping, payload: {} };
    const [answer] = await askAll(client, V2_1, [query], [bearing(ticket)]);
    if (answer?.status !== ResultStatus.Success) wrong.push(`a ticket is worth nothing: ${answer?.message}`);
  }
  for (const { bytes } of holdings.values.get("asynchronous request") ?? []) await untilEnded(owner, bytes);
  return wrong;
}
