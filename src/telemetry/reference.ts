import { type MetricRow, metricTable } from "./metric-table.js";

const introduction = `# Metrics

<!-- Generated from src/telemetry/metric-table.ts by \`npm run docs\`; edit the table, not this page. -->

The admin port serves these under \`/metrics\` in Prometheus' text format, beside the usual \`process_*\` and \`nodejs_*\`
metrics (memory, CPU, open files, garbage collection, delay of the event loop). Labels take their values from short
lists of the server's own: nothing that a client can choose freely becomes a label. While the database is away they are
served to operators that asked for something in the hour before.

| Metric | Kind | Labels | Meaning |
| --- | --- | --- | --- |`;

/** The reference of all metrics of the server's own, as Markdown. */
export function metricsReference(): string {
  const metrics: readonly MetricRow[] = Object.values(metricTable);
  const rows = metrics.map(({ name, kind, labels, help }) => {
    const labelNames = labels.length === 0 ? "none" : labels.map((label) => `\`${label}\``).join(", ");
    return `| \`${name}\` | ${kind} | ${labelNames} | ${help} |`;
  });
  return [introduction, ...rows, ""].join("\n");
}
