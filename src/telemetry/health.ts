/** Looks after one part of the server. Settles while the part is well; rejects, or says nothing in time, when it is not. */
export type HealthCheck = () => Promise<void>;

/** What a check is for: `live` says the process is worth keeping, `ready` that it can serve now. */
export type HealthPurpose = "live" | "ready";

/** What one check found. */
export interface HealthFinding {
  readonly name: string;
  readonly healthy: boolean;
  /** Why the part is not well; null when it is. For operators, not for the open network. */
  readonly reason: string | null;
  readonly milliseconds: number;
}

/** All findings of one purpose. */
export interface HealthReport {
  readonly healthy: boolean;
  readonly findings: readonly HealthFinding[];
}

/** How patient the checks are, in milliseconds. */
export interface HealthOptions {
  /** A check that takes longer counts as failed. */
  readonly timeoutMilliseconds: number;
  /** A finding serves again for this long, so that probes cannot load the HSM. */
  readonly reuseMilliseconds: number;
}

/** The health of the server, put together from checks that its parts register. */
export interface Health {
  /** @throws Error when the name is taken. */
  register(name: string, purpose: HealthPurpose, check: HealthCheck): void;
  unregister(name: string): void;
  /** From now on the server reports that it is not ready, while it finishes what it has accepted. */
  stopping(): void;
  report(purpose: HealthPurpose): Promise<HealthReport>;
}

interface Entry {
  readonly purpose: HealthPurpose;
  readonly check: HealthCheck;
  finding: Promise<HealthFinding> | null;
  foundAt: number;
}

/** Makes the health aggregator of a process. */
export function createHealth(options: HealthOptions = { timeoutMilliseconds: 5000, reuseMilliseconds: 1000 }): Health {
  const entries = new Map<string, Entry>();
  let isStopping = false;

  async function report(purpose: HealthPurpose): Promise<HealthReport> {
    const chosen = [...entries].filter(([, entry]) => entry.purpose === purpose);
    const findings = await Promise.all(chosen.map(([name, entry]) => recentFinding(name, entry, options)));
    if (purpose === "ready" && isStopping) {
      findings.push({ name: "server", healthy: false, reason: "the server is stopping", milliseconds: 0 });
    }
    return { healthy: findings.every(({ healthy }) => healthy), findings };
  }

  return {
    register(name, purpose, check) {
      if (entries.has(name)) throw new Error(`a health check named ${name} is registered already`);
      entries.set(name, { purpose, check, finding: null, foundAt: 0 });
    },
    unregister: (name) => void entries.delete(name),
    stopping() {
      isStopping = true;
    },
    report,
  };
}

function recentFinding(name: string, entry: Entry, options: HealthOptions): Promise<HealthFinding> {
  const now = performance.now();
  if (entry.finding !== null && now - entry.foundAt < options.reuseMilliseconds) return entry.finding;
  entry.foundAt = now;
  entry.finding = find(name, entry.check, options.timeoutMilliseconds);
  return entry.finding;
}

async function find(name: string, check: HealthCheck, timeoutMilliseconds: number): Promise<HealthFinding> {
  const started = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMilliseconds} ms`)), timeoutMilliseconds);
  });
  const reason = await Promise.race([Promise.resolve().then(check), silence]).then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  clearTimeout(timer);
  return { name, healthy: reason === null, reason, milliseconds: Math.round(performance.now() - started) };
}
