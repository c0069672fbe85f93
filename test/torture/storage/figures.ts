/** The figures by which a server tells of faults, as its metrics have them. */
export interface Figures {
  /** How often each kind of event was raised. */
  readonly events: ReadonlyMap<string, number>;
  /** The sum of each metric over its labels. */
  readonly metrics: ReadonlyMap<string, number>;
}

/** Reads the text format of Prometheus. */
export function figuresIn(text: string): Figures {
  const events = new Map<string, number>();
  const metrics = new Map<string, number>();
  const add = (to: Map<string, number>, name: string, value: number): void => {
    to.set(name, (to.get(name) ?? 0) + value);
  };
  for (const [, name = "", labels = "", value = ""] of text.matchAll(/^(\w+)(?:\{([^}]*)\})? (\S+)$/gm)) {
    add(metrics, name, Number(value));
    const event = name === "keyreeve_events_total" ? /event="([^"]+)"/.exec(labels)?.[1] : undefined;
    if (event !== undefined) add(events, event, Number(value));
  }
  return { events, metrics };
}
