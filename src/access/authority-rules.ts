import * as z from "zod";
import type { CertificateNames } from "#certs/certificate-names.js";
import { type SubjectPartName, subjectPartNamed } from "#certs/subject-names.js";
import type { NameSource } from "./name-sources.js";

/** The kinds of alternative names that rules speak of. */
export const alternativeKinds = ["dns", "email", "uri"] as const;

/** A pattern holds few stars: each costs a search when it is compared. */
const pattern = z
  .string()
  .min(1)
  .max(255)
  .refine((text) => text.split("*").length <= 5, "a pattern has at most four stars");
const patterns = z.array(pattern).min(1).max(64);

const schema = z.strictObject({
  /** A pattern for each kind of part: all parts of that kind must match, and there must be one. */
  subject: z.record(z.string(), pattern).default({}),
  dns: patterns.exactOptional(),
  email: patterns.exactOptional(),
  uri: patterns.exactOptional(),
  /** Without any other rule, this must say that every certificate of the authority is meant. */
  anyName: z.boolean().default(false),
});

/** Which certificates of an authority are clients, as its row keeps it. */
export type AuthorityRules = z.output<typeof schema>;
/** The same as it is asked for. */
export type WrittenRules = z.input<typeof schema>;

/** Rules that make no sense; the message says why. */
export class RulesError extends Error {
  override readonly name = "RulesError";
}

/** Reads rules. Throws RulesError where they are none. */
export function readRules(rules: unknown): AuthorityRules {
  const read = schema.safeParse(rules);
  if (read.success) return read.data;
  throw new RulesError(z.prettifyError(read.error));
}

/** What is wrong with rules, in words for the operator; undefined where nothing is. */
export function ruleFault({ subject, anyName, ...names }: AuthorityRules): string | undefined {
  const unknown = Object.keys(subject).find((kind) => subjectPartNamed(kind) !== kind);
  if (unknown !== undefined) return `"${unknown}" is no kind of part of a subject`;
  const isNamed = Object.keys(subject).length > 0 || alternativeKinds.some((kind) => names[kind] !== undefined);
  if (isNamed === anyName) {
    return anyName
      ? "any certificate of the authority, and rules for names, exclude each other"
      : "at least one rule for the subject or the alternative names is needed, or --any-name";
  }
  return undefined;
}

/** Characters that a star does not stand for: a pattern for one label must not match a whole domain. */
const starStops: Readonly<Record<string, string>> = { dns: "[^.]*", email: "[^@]*" };

function matches(kind: string, patternText: string, value: string): boolean {
  const star = starStops[kind] ?? ".*";
  const escaped = patternText.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  // Names of hosts have no case; what else a certificate says is compared as it stands.
  return new RegExp(`^${escaped.join(star)}$`, kind === "dns" ? "is" : "s").test(value);
}

/** Why the names of a certificate do not fit the rules; undefined where they do. */
export function mismatchOf(rules: AuthorityRules, names: CertificateNames): string | undefined {
  for (const [kind, each] of Object.entries(rules.subject)) {
    const values = names.subject.filter((part) => part.kind === kind).map(({ value }) => value);
    if (values.length === 0) return `its subject has no ${kind}`;
    if (!values.every((value) => matches("subject", each, value)))
      return `${kind} of its subject does not match "${each}"`;
  }
  for (const kind of alternativeKinds) {
    if (rules[kind] !== undefined && matching(rules, names, kind).length === 0) {
      return `none of its ${kind} names matches ${rules[kind].map((each) => `"${each}"`).join(", ")}`;
    }
  }
  return undefined;
}

/** The alternative names that the rules speak of; all of them where the rules are silent on the kind. */
function matching(rules: AuthorityRules, names: CertificateNames, kind: (typeof alternativeKinds)[number]): string[] {
  return names[kind].filter((name) => rules[kind]?.some((each) => matches(kind, each, name)) ?? true);
}

const clientName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** What stands for the at sign of an address, which names of clients do not have. */
const atSign = "_at_";

/**
 * The name a client has by its certificate, as names of clients are written; undefined where it has none, or one that
 * cannot be written so. Different certificate names never become one client name.
 */
export function clientNameOf(source: NameSource, rules: AuthorityRules, names: CertificateNames): string | undefined {
  const name = nameBy(source, rules, names);
  return name !== undefined && clientName.test(name) ? name : undefined;
}

function nameBy(source: NameSource, rules: AuthorityRules, names: CertificateNames): string | undefined {
  if (source === "cn") {
    const common = names.subject.filter(({ kind }: { kind: SubjectPartName }) => kind === "CN");
    return common.length === 1 ? common[0]?.value : undefined;
  }
  if (source === "san-dns") return matching(rules, names, "dns")[0]?.toLowerCase();
  const address = matching(rules, names, "email")[0];
  return address?.includes(atSign) === true ? undefined : address?.replace("@", atSign);
}
