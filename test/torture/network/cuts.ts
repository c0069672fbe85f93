import { V2_1 } from "#protocol/versions.js";
import { actionsOf, nameOf } from "#test/support/kmip-actions.js";
import { connectTo, type TestServer } from "#test/support/server.js";
import { createMessage, encryptMessage, locateMessage, outcomeOf } from "./messages.js";
import { checkFiles, filesOf, severalAtOnce, type Target } from "./target.js";
import { answerOn, type CutKind, connectOver, cuts, Wire } from "./wire.js";

/** What TLS 1.3 adds to a message of one record: its header, the type of its content, the tag of the cipher. */
const recordBytes = 22;
const atOnce = 8;

/** A kind of message that is cut at its offsets. */
interface Kind {
  readonly name: string;
  /** The operation of its audit rows, and how many there are of one message. */
  readonly operation: string;
  readonly rows: number;
  message(mark: string): Buffer;
}

interface AuditRow {
  readonly operation: string;
  readonly outcome: string;
  readonly objectId: string | null;
}

async function auditRows(server: TestServer): Promise<readonly AuditRow[]> {
  const lines = (await server.administration.exportAudit()).split("\n");
  return lines.filter((line) => line.includes('"operation"')).map((line) => JSON.parse(line) as AuditRow);
}

async function successes(server: TestServer, operation: string): Promise<number> {
  const rows = await auditRows(server);
  return rows.filter((row) => row.operation === operation && row.outcome === "success").length;
}

/** Sends the first bytes of a message, and ends the connection in one way. */
async function cutRequest(target: Target, message: Buffer, at: number, cut: CutKind): Promise<void> {
  const wire = new Wire(target.server.kmipPort);
  const socket = await connectOver(wire, target.identity);
  await new Promise<void>((sent) => socket.write(message.subarray(0, at), () => sent()));
  wire.cutAfter(0, "sent", cut);
  await answerOn(socket, cut === "half-close" ? 500 : 0);
  wire.abandon();
  await wire.gone();
}

/** Sends a message through a wire that is cut while its record passes, or sends it whole and cuts the answer's. */
async function cutRecord(target: Target, message: Buffer, at: number, of: "sent" | "received"): Promise<void> {
  const wire = new Wire(target.server.kmipPort);
  const socket = await connectOver(wire, target.identity);
  wire.cutAfter(at, of, cuts[at % cuts.length] ?? "reset");
  if (at > 0) socket.write(message);
  await Promise.race([wire.gone(), answerOn(socket, target.patience * 3000)]);
  wire.abandon();
  await wire.gone();
}

/** The whole exchange once: the length of the answer. */
async function answerLength(target: Target, message: Buffer): Promise<number> {
  const client = await connectTo(target.server, { identity: target.identity });
  const answer = await client.exchange(message);
  await client.close();
  if (outcomeOf(answer) !== "success") throw new Error("the message to be cut is not answered well");
  return answer.length;
}

function offsets(length: number, step: number, first = 0): readonly number[] {
  const places = Array.from({ length: Math.ceil((length - first) / step) }, (_, index) => first + index * step);
  // The last byte is where a whole message and a cut one meet.
  return [...new Set([...places, length - 1])];
}

/** Cuts one kind of message everywhere; gives the marks of those that were cut in the request, and in the answer. */
async function cutEverywhere(target: Target, { name, message }: Kind): Promise<readonly [string[], string[]]> {
  const { sizes, done } = target;
  const mark = (where: string, at: number): string => `${name}-${where}-${String(at).padStart(5, "0")}`;
  const length = message(mark("request", 0)).length;
  const ofAnswer = (await answerLength(target, message(mark("whole", 0)))) + recordBytes;
  const ways: readonly (readonly [string, readonly number[], (at: number, bytes: Buffer) => Promise<void>])[] = [
    ...cuts.map(
      (cut, index) =>
        [
          cut,
          offsets(length, sizes.step * cuts.length, sizes.step * index),
          (at: number, bytes: Buffer) => cutRequest(target, bytes, at, cut),
        ] as const,
    ),
    ["record", offsets(length + recordBytes, sizes.step), (at, bytes) => cutRecord(target, bytes, at, "sent")],
    [
      "answer",
      offsets(ofAnswer, sizes.step).filter((at) => at > 0),
      (at, bytes) => cutRecord(target, bytes, at, "received"),
    ],
  ];
  const cut: string[] = [];
  const whole: string[] = [];
  for (const [where, places, work] of ways) {
    await severalAtOnce(places.length, atOnce, async (index) => {
      const at = places[index] ?? 0;
      await work(at, message(mark(where, at)));
      (where === "answer" ? whole : cut).push(mark(where, at));
    });
    done.faults += places.length;
    done.connections += places.length;
    target.progress(`${name}: cut at ${places.length} offsets, ${where}`);
  }
  done.requests += whole.length;
  return [cut, whole];
}

/** Connections that end at every byte of a request and of its answer. */
export async function cutParts(target: Target): Promise<void> {
  const { server, verdict, identity } = target;
  const client = await connectTo(server, { identity });
  const { create, activate, locate } = actionsOf(client, V2_1);
  const key = await create(nameOf("cut-key"));
  await activate(key);
  const kinds: readonly Kind[] = [
    { name: "create", operation: "Create", rows: 1, message: createMessage },
    { name: "encrypt", operation: "Encrypt", rows: 1, message: () => encryptMessage(key, 64) },
    { name: "locate", operation: "Locate", rows: 3, message: (mark) => locateMessage(mark, "cut-key", "nobody") },
  ];
  const before = filesOf(server);
  for (const kind of kinds) {
    const rowsBefore = await successes(server, kind.operation);
    const [cut, whole] = await cutEverywhere(target, kind);
    await checkFiles(target, `cuts of ${kind.name}`, before);
    const rows = (await successes(server, kind.operation)) - rowsBefore;
    const expected = (whole.length + 1) * kind.rows;
    verdict.check(
      `each whole ${kind.name} is in the audit once, no cut one is`,
      rows === expected,
      `${rows} of ${expected}`,
    );
    if (kind.name === "create") await checkKeys(target, locate, cut, whole);
  }
  await client.close();
}

/** A key whose answer was cut is there once and in the audit; one whose request was cut is not there. */
async function checkKeys(
  { server, verdict }: Target,
  locate: (...filters: readonly ReturnType<typeof nameOf>[]) => Promise<readonly string[]>,
  cut: readonly string[],
  whole: readonly string[],
): Promise<void> {
  const made = new Set(
    (await auditRows(server))
      .filter(({ operation, outcome }) => operation === "Create" && outcome === "success")
      .map(({ objectId }) => objectId),
  );
  const lost: string[] = [];
  for (const name of whole) {
    const found = await locate(nameOf(name));
    if (found.length !== 1 || !made.has(found[0] ?? "")) lost.push(`${name}: found ${found.length}`);
  }
  verdict.none("a key whose answer was cut is found by its Name, once and audited", lost, whole.length);
  const effects: string[] = [];
  for (const name of cut) if ((await locate(nameOf(name))).length > 0) effects.push(name);
  verdict.none("a request that was cut has no effect", effects, cut.length);
}
