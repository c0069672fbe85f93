/** One metric with all its values at a moment. */
export interface MetricSnapshot {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly {
    readonly value: number;
    readonly labels: Readonly<Record<string, string | number>>;
    /** Of a distribution: the name of its count, sum or bucket. */
    readonly metricName?: string;
  }[];
}

/** The metrics of one of several processes. */
export interface ProcessMetrics {
  readonly process: number;
  readonly metrics: readonly MetricSnapshot[];
}

/** The metrics of several processes in the text format of Prometheus, each value with the label `process`. */
export function textOfProcesses(processes: readonly ProcessMetrics[]): string {
  const lines = new Map<string, string[]>();
  for (const { process, metrics } of processes) {
    for (const { name, help, type, values } of metrics) {
      const head = [`# HELP ${name} ${escaped(help)}`, `# TYPE ${name} ${type}`];
      const known = lines.get(name) ?? head;
      lines.set(name, known);
      for (const { value, labels, metricName = name } of values) {
        known.push(`${metricName}${labelText({ ...labels, process })} ${numberText(value)}`);
      }
    }
  }
  return `${[...lines.values()].map((metric) => metric.join("\n")).join("\n\n")}\n`;
}

function labelText(labels: Readonly<Record<string, string | number>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => {
    const text = typeof value === "number" ? numberText(value) : escaped(value).replaceAll('"', '\\"');
    return `${name}="${text}"`;
  });
  return `{${pairs.join(",")}}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  return value === Number.NEGATIVE_INFINITY ? "-Inf" : String(value);
}
