/**
 * Counters and histograms for the way of a request. They are what prom-client's own are, but a label set that was seen
 * before costs one look-up: prom-client checks, sorts and joins the labels at every value. They are read through the
 * same registry.
 */

/** Values of labels by name. */
type Labels = Readonly<Record<string, string>>;

/** One line of the exposition. */
interface Sample {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** How a metric is called. */
export interface MetricNaming {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

/** What a metric has of each label set. Label sets are kept for good: labels are never what a client chooses freely. */
class LabelSets<Kept> {
  readonly #names: readonly string[];
  readonly #make: () => Kept;
  readonly #sets = new Map<string, { readonly labels: Labels; readonly kept: Kept }>();

  constructor(names: readonly string[], make: () => Kept) {
    this.#names = names;
    this.#make = make;
    // A metric without labels is there from the start, at zero.
    if (names.length === 0) this.of({});
  }

  /** Throws TypeError where a label is missing. */
  of(labels: Labels): Kept {
    let key = "";
    for (const name of this.#names) key += `${labels[name]}\u0000`;
    const known = this.#sets.get(key);
    if (known !== undefined) return known.kept;
    const missing = this.#names.find((name) => labels[name] === undefined);
    if (missing !== undefined) throw new TypeError(`the label ${missing} has no value`);
    const kept = this.#make();
    this.#sets.set(key, { labels: Object.fromEntries(this.#names.map((name) => [name, labels[name] ?? ""])), kept });
    return kept;
  }

  all(): readonly { readonly labels: Labels; readonly kept: Kept }[] {
    return [...this.#sets.values()];
  }
}

/** A number that only grows, by label set. */
export class RecordedCounter {
  readonly type = "counter";
  readonly name: string;
  readonly help: string;
  readonly #sets: LabelSets<{ total: number }>;

  constructor({ name, help, labelNames }: MetricNaming) {
    this.name = name;
    this.help = help;
    this.#sets = new LabelSets(labelNames, () => ({ total: 0 }));
  }

  inc(labels: Labels, amount: number): void {
    this.#sets.of(labels).total += amount;
  }

  /** As prom-client's registry reads a metric. */
  async get() {
    const values = this.#sets.all().map(({ labels, kept }): Sample => ({ labels, value: kept.total }));
    return { name: this.name, help: this.help, type: this.type, aggregator: "sum", values };
  }
}

/** A distribution, by label set. */
export class RecordedHistogram {
  readonly type = "histogram";
  readonly name: string;
  readonly help: string;
  readonly #bounds: readonly number[];
  readonly #sets: LabelSets<{ readonly counts: number[]; count: number; sum: number }>;

  /** `buckets`: the upper bounds, ascending. */
  constructor({ name, help, labelNames }: MetricNaming, buckets: readonly number[]) {
    this.name = name;
    this.help = help;
    this.#bounds = buckets;
    this.#sets = new LabelSets(labelNames, () => ({ counts: buckets.map(() => 0), count: 0, sum: 0 }));
  }

  observe(labels: Labels, value: number): void {
    const kept = this.#sets.of(labels);
    kept.count += 1;
    kept.sum += value;
    const bounds = this.#bounds;
    for (let index = 0; index < bounds.length; index += 1) {
      if (value <= (bounds[index] ?? 0)) {
        kept.counts[index] = (kept.counts[index] ?? 0) + 1;
        return;
      }
    }
  }

  /** As prom-client's registry reads a metric; the counts of the buckets are cumulative there. */
  async get() {
    const values: Sample[] = [];
    for (const { labels, kept } of this.#sets.all()) {
      let below = 0;
      const bucket = (le: number | string, value: number): void => {
        values.push({ metricName: `${this.name}_bucket`, labels: { le, ...labels }, value });
      };
      for (const [index, bound] of this.#bounds.entries()) {
        below += kept.counts[index] ?? 0;
        bucket(bound, below);
      }
      bucket("+Inf", kept.count);
      values.push({ metricName: `${this.name}_sum`, labels, value: kept.sum });
      values.push({ metricName: `${this.name}_count`, labels, value: kept.count });
    }
    return { name: this.name, help: this.help, type: this.type, aggregator: "sum", values };
  }
}
