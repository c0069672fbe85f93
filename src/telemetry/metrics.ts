import { collectDefaultMetrics, Gauge, type Metric, Registry } from "prom-client";
import {
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelsOf,
  type MetricName,
  type MetricRow,
  metricTable,
} from "./metric-table.js";
import { type MetricSnapshot, type ProcessMetrics, textOfProcesses } from "./process-metrics.js";
import { RecordedCounter, RecordedHistogram } from "./recorded.js";

/** The metrics as Prometheus reads them. */
export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

/** The metrics of one process. Every metric stands in the metric table; its labels are checked by the compiler. */
export interface Metrics {
  /** Adds to a counter; 1 where no amount is given. */
  count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, amount?: number): void;
  /** Sets a gauge. */
  set<Name extends GaugeName>(name: Name, labels: LabelsOf<Name>, value: number): void;
  /** Raises or lowers a gauge. */
  change<Name extends GaugeName>(name: Name, labels: LabelsOf<Name>, difference: number): void;
  /** Records one value of a distribution; durations in seconds. */
  observe<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, value: number): void;
  /** Forgets all that a gauge says, before it is set anew for what there is now. */
  clear(name: GaugeName): void;
  /** Calls back each time before the metrics are read, to set gauges from the state of a part of the server. */
  beforeExposition(sample: () => void): void;
  /** Everything there is now, as plain data. */
  snapshot(): Promise<readonly MetricSnapshot[]>;
  /** The metrics of this process, or of it and others, each value with the process it is of. */
  exposition(others?: readonly ProcessMetrics[]): Promise<Exposition>;
}

/**
 * Makes the metrics of a process, in a registry of their own. `process: true` adds memory, CPU, open files, garbage
 * collection and the delay of the event loop.
 */
export function createMetrics(options: { readonly process: boolean } = { process: true }): Metrics {
  const registry = new Registry();
  const counters = new Map<MetricName, RecordedCounter>();
  const gauges = new Map<MetricName, Gauge>();
  const histograms = new Map<MetricName, RecordedHistogram>();
  const rows: readonly (readonly [string, MetricRow])[] = Object.entries(metricTable);
  for (const [key, { kind, name, help, labels, buckets = [] }] of rows) {
    const id = metricName(key);
    const naming = { name, help, labelNames: [...labels] };
    if (kind === "counter") counters.set(id, registered(registry, new RecordedCounter(naming)));
    if (kind === "gauge") gauges.set(id, new Gauge({ ...naming, registers: [registry] }));
    if (kind === "histogram") histograms.set(id, registered(registry, new RecordedHistogram(naming, buckets)));
  }
  if (options.process) collectDefaultMetrics({ register: registry });
  const samples: (() => void)[] = [];
  const snapshot = async (): Promise<readonly MetricSnapshot[]> => {
    for (const sample of samples) sample();
    return (await registry.getMetricsAsJSON()) as unknown as readonly MetricSnapshot[];
  };
  return {
    count: (name, labels, amount = 1) => counters.get(name)?.inc(labels, amount),
    set: (name, labels, value) => gauges.get(name)?.set(labels, value),
    change: (name, labels, difference) => gauges.get(name)?.inc(labels, difference),
    observe: (name, labels, value) => histograms.get(name)?.observe(labels, value),
    clear: (name) => gauges.get(name)?.reset(),
    beforeExposition: (sample) => void samples.push(sample),
    snapshot,
    async exposition(others) {
      const { contentType } = registry;
      if (others !== undefined) {
        const all = [{ process: 0, metrics: await snapshot() }, ...others];
        return { contentType, text: textOfProcesses(all) };
      }
      for (const sample of samples) sample();
      return { contentType, text: await registry.metrics() };
    },
  };
}

/** Has the registry read a metric of ours: of a metric it asks no more than its name and what `get` gives. */
function registered<Recorded extends RecordedCounter | RecordedHistogram>(
  registry: Registry,
  metric: Recorded,
): Recorded {
  registry.registerMetric(metric as unknown as Metric);
  return metric;
}

const isMetricName = (name: string): name is MetricName => Object.hasOwn(metricTable, name);

function metricName(key: string): MetricName {
  if (isMetricName(key)) return key;
  throw new Error(`no metric is called ${key}`);
}
