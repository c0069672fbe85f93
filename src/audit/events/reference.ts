import { type EventRow, eventTable } from "./table.js";

const introduction = `# Events

<!-- Generated from src/audit/events/table.ts by \`npm run docs\`; edit the table, not this page. -->

What happens by itself and needs an operator. Each event is a line of the log, a count in the metric
\`keyreeve_events_total\` and a row of the audit trail, in the chain of the tenant it concerns or in that of the server:
\`keyreeve audit list --events\` shows them, the reason is the kind. Events of one kind for one tenant that follow within a
minute of the first share a row, whose detail says how many there were, when, and of which objects. While the database is
away they wait, and are in the log all the same. Severities: \`notice\` is routine, \`warning\` was overcome or passes,
\`error\` keeps something from working, \`critical\` means that keys may be lost or were tampered with.

| Event | Severity | Meaning |
| --- | --- | --- |`;

/** The reference of all kinds of events, as Markdown. */
export function eventsReference(): string {
  const kinds: readonly (readonly [string, EventRow])[] = Object.entries(eventTable);
  const rows = kinds.map(([kind, { severity, words }]) => `| \`${kind}\` | ${severity} | ${words} |`);
  return [introduction, ...rows, ""].join("\n");
}
