import { TranscriptError } from "./error.js";
import { firstConnection, type TranscriptStep } from "./step.js";
import type { TextLine } from "./tree.js";

/** The words that steps begin with. */
const verbs: Readonly<Record<string, TranscriptStep["kind"]>> = {
  connect: "connect",
  close: "close",
  end: "end",
  closed: "closed",
  wait: "wait",
  ">>": "send",
  "<<": "receive",
};
const verbOf = new Map(Object.entries(verbs).map(([word, kind]) => [kind, word]));

/** Words that may follow: for which steps, how they are read into properties of the step, and how they are written. */
interface Phrase {
  readonly of: readonly TranscriptStep["kind"][];
  readonly pattern: RegExp;
  readonly read: (...parts: string[]) => Readonly<Record<string, unknown>>;
  readonly property: string;
  readonly write: (value: unknown) => string;
}

/** A phrase that sets a property to true. */
function flag(kind: TranscriptStep["kind"], words: string, property: string): Phrase {
  const read = (): Readonly<Record<string, unknown>> => ({ [property]: true });
  return { of: [kind], pattern: new RegExp(`^${words}(?= |$)`), read, property, write: () => words };
}

const everywhere = Object.values(verbs).filter((kind) => kind !== "wait");

const phrases: readonly Phrase[] = [
  named(everywhere, "connection", "connection"),
  named(everywhere, "client", "client"),
  { ...named(["connect"], "over", "over"), pattern: /^over (https|xml|json)(?= |$)/ },
  { ...named(["connect"], "tls", "tls"), pattern: /^tls (1\.[0-3])(?= |$)/ },
  named(["connect"], "cipher", "cipher"),
  flag("connect", "without certificate", "withoutCertificate"),
  flag("connect", "resumed", "resumed"),
  flag("connect", "plain", "plain"),
  flag("connect", "refused", "refused"),
  counted("send", "in pieces of # bytes", "piecesOf"),
  flag("send", "with the next", "withNext"),
  flag("receive", "in one record", "inOneRecord"),
  counted("receive", "at most # bytes", "maximumBytes"),
  counted("wait", "# seconds", "seconds"),
  {
    of: ["send", "receive"],
    pattern: /^unreadable (\d{1,10}) bytes: (.+)$/,
    read: (bytes = "", reason = "") => ({ unreadable: { bytes: Number(bytes), reason } }),
    property: "unreadable",
    write: (value) => {
      const { bytes, reason } = value as { bytes: number; reason: string };
      return `unreadable ${bytes} bytes: ${reason.replace(/\s+/g, " ").trim() || "no reason given"}`;
    },
  },
];

function named(of: Phrase["of"], word: string, property: string): Phrase {
  const pattern = new RegExp(`^${word} ([A-Za-z0-9][A-Za-z0-9._+:-]{0,99})(?= |$)`);
  return { of, pattern, read: (name = "") => ({ [property]: name }), property, write: (value) => `${word} ${value}` };
}

function counted(kind: TranscriptStep["kind"], words: string, property: string): Phrase {
  const pattern = new RegExp(`^${words.replace("#", "(\\d{1,9})")}(?= |$)`);
  const read = (count = ""): Readonly<Record<string, unknown>> => ({ [property]: Number(count) });
  return { of: [kind], pattern, read, property, write: (value) => words.replace("#", String(value)) };
}

/** The line of a step, without its message. */
export function actionText(step: TranscriptStep): string {
  const properties = new Map<string, unknown>(Object.entries(step));
  if (step.connection === firstConnection) properties.delete("connection");
  const said = phrases
    .filter((phrase) => phrase.of.includes(step.kind))
    .filter(({ property }) => properties.get(property) !== undefined && properties.get(property) !== false)
    .map(({ property, write }) => write(properties.get(property)));
  return [verbOf.get(step.kind) ?? "", ...said].join(" ");
}

/** Reads the line of a step. Throws TranscriptError. */
export function actionFrom({ number, text }: TextLine): TranscriptStep {
  const [, word = "", following = ""] = /^(\S+)(?: +(.*))?$/.exec(text.trimEnd()) ?? [];
  const kind = verbs[word];
  if (kind === undefined || !Object.hasOwn(verbs, word)) {
    throw new TranscriptError(number, `expected one of ${Object.keys(verbs).join(", ")}`);
  }
  const properties: Record<string, unknown> = { kind, connection: firstConnection };
  let rest = following;
  while (rest !== "") {
    const found = phraseAt(rest, kind);
    if (found === undefined) throw new TranscriptError(number, `words behind ${word} that mean nothing there`);
    Object.assign(properties, found.properties);
    rest = rest.slice(found.length).trimStart();
  }
  if (kind === "wait" && properties["seconds"] === undefined) {
    throw new TranscriptError(number, "wait needs a number of seconds");
  }
  return properties as unknown as TranscriptStep;
}

function phraseAt(text: string, kind: TranscriptStep["kind"]) {
  for (const phrase of phrases.filter(({ of }) => of.includes(kind))) {
    const match = phrase.pattern.exec(text);
    if (match !== null) return { properties: phrase.read(...match.slice(1)), length: match[0].length };
  }
  return undefined;
}
