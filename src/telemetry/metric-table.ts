/** Seconds, from what a cache answers to what an HSM needs for a long RSA key. */
const latency = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const sizes = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/** Every metric of the server's own, one row each. Labels never carry what a client can choose freely. */
export const metricTable = {
  requests: {
    kind: "counter",
    name: "keyreeve_requests_total",
    help: "KMIP batch items by operation, result status and result reason.",
    labels: ["operation", "status", "reason"],
  },
  requestSeconds: {
    kind: "histogram",
    name: "keyreeve_request_duration_seconds",
    help: "Time to perform a KMIP batch item.",
    labels: ["operation"],
    buckets: latency,
  },
  messageSeconds: {
    kind: "histogram",
    name: "keyreeve_message_duration_seconds",
    help: "Time from the last byte of a request message to the handing over of its answer.",
    labels: [],
    buckets: latency,
  },
  requestsInWork: {
    kind: "gauge",
    name: "keyreeve_requests_in_work",
    help: "Request messages that are worked on.",
    labels: [],
  },
  requestsWaiting: {
    kind: "gauge",
    name: "keyreeve_requests_waiting",
    help: "Request messages that wait to be worked on, because their tenant has as many in work as it may.",
    labels: [],
  },
  requestWaitSeconds: {
    kind: "histogram",
    name: "keyreeve_request_wait_seconds",
    help: "Time that request messages waited which were not worked on at once.",
    labels: [],
    buckets: latency,
  },
  requestsRefused: {
    kind: "counter",
    name: "keyreeve_requests_refused_total",
    help:
      "Requests, and keys to be made, that were refused because too much was asked for, by tenant and why: a quota " +
      "(rate-of-client, rate-of-tenant, keys-of-client, keys-of-tenant), a full line (queue, pairs), too long a wait " +
      "(wait), or a client that had left while its request waited (left).",
    labels: ["tenant", "why"],
  },
  connectionsOpen: {
    kind: "gauge",
    name: "keyreeve_connections",
    help: "Open connections by listener.",
    labels: ["listener"],
  },
  connectionsHeldBack: {
    kind: "gauge",
    name: "keyreeve_connections_held_back",
    help:
      "Open connections, by listener, whose next request is not read for a moment, because their last one was refused " +
      "for too much being asked for.",
    labels: ["listener"],
  },
  connections: {
    kind: "counter",
    name: "keyreeve_connections_total",
    help: "Connections accepted, by listener.",
    labels: ["listener"],
  },
  handshakeFailures: {
    kind: "counter",
    name: "keyreeve_tls_handshake_failures_total",
    help: "TLS handshakes that failed, by listener and reason.",
    labels: ["listener", "reason"],
  },
  hsmCalls: {
    kind: "counter",
    name: "keyreeve_hsm_calls_total",
    help: "Calls to the HSM by call and outcome (ok, or the code of the error).",
    labels: ["call", "outcome"],
  },
  hsmCallSeconds: {
    kind: "histogram",
    name: "keyreeve_hsm_call_duration_seconds",
    help: "Time from asking a partition's worker to its answer, waiting included.",
    labels: ["call"],
    buckets: latency,
  },
  hsmWorkers: {
    kind: "gauge",
    name: "keyreeve_hsm_workers",
    help: "Worker processes that are ready, by partition.",
    labels: ["partition"],
  },
  hsmRestarts: {
    kind: "counter",
    name: "keyreeve_hsm_worker_restarts_total",
    help: "Worker processes that were replaced, by partition and cause (crashed, hung, not-opened, fault, worn).",
    labels: ["partition", "cause"],
  },
  hsmFaults: {
    kind: "counter",
    name: "keyreeve_hsm_faults_total",
    help: "Faults of a partition's token, module or workers, by kind as docs/pkcs11.md lists them.",
    labels: ["partition", "fault"],
  },
  hsmRetries: {
    kind: "counter",
    name: "keyreeve_hsm_retries_total",
    help: "Calls done once more after a fault, by partition and by what: a new session, or a new worker.",
    labels: ["partition", "by"],
  },
  hsmRefusals: {
    kind: "counter",
    name: "keyreeve_hsm_refused_calls_total",
    help: "Calls refused without trying, by partition and why: an open circuit, a full queue, or too long a wait.",
    labels: ["partition", "why"],
  },
  hsmCircuit: {
    kind: "gauge",
    name: "keyreeve_hsm_circuit_open",
    help: "1 from when workers of a partition have failed three times in a row until a call is answered, else 0.",
    labels: ["partition"],
  },
  hsmHealthy: {
    kind: "gauge",
    name: "keyreeve_hsm_partition_healthy",
    help: "0 while a partition is unhealthy: after two checks in a row without an answer, until three good ones.",
    labels: ["partition"],
  },
  hsmWorkerBytes: {
    kind: "gauge",
    name: "keyreeve_hsm_worker_resident_bytes",
    help: "Memory of a partition's worker processes.",
    labels: ["partition"],
  },
  hsmQueue: {
    kind: "gauge",
    name: "keyreeve_hsm_queue_calls",
    help: "Calls that wait for a partition or are under way, by partition.",
    labels: ["partition"],
  },
  failedDecryptions: {
    kind: "counter",
    name: "keyreeve_failed_decryptions_total",
    help: "Decryptions and unwrappings that failed; RSA plaintexts that something stood in for because of their padding, too.",
    labels: [],
  },
  commitSize: {
    kind: "histogram",
    name: "keyreeve_storage_commit_group_size",
    help: "Units of work that shared one transaction.",
    labels: [],
    buckets: sizes,
  },
  commitSeconds: {
    kind: "histogram",
    name: "keyreeve_storage_commit_duration_seconds",
    help: "Time from asking for a commit to its durable end, waiting included, by outcome (ok, or the code of the error).",
    labels: ["outcome"],
    buckets: latency,
  },
  storageAvailable: {
    kind: "gauge",
    name: "keyreeve_storage_available",
    help: "0 while the database takes no writes, so that every request is refused; else 1.",
    labels: [],
  },
  diskFree: {
    kind: "gauge",
    name: "keyreeve_disk_free_bytes",
    help: "Free space on the disk of a place the server writes to (database, tokens, checkpoints).",
    labels: ["place"],
  },
  diskSize: {
    kind: "gauge",
    name: "keyreeve_disk_size_bytes",
    help: "Size of that disk.",
    labels: ["place"],
  },
  logLinesDropped: {
    kind: "counter",
    name: "keyreeve_log_lines_dropped_total",
    help: "Lines of the log that were dropped because whoever reads it, or the disk it is on, did not take them.",
    labels: [],
  },
  clockSteps: {
    kind: "counter",
    name: "keyreeve_clock_steps_total",
    help: "How often the clock of the machine was set by more than two seconds, by direction (back, forward).",
    labels: ["direction"],
  },
  storageQueue: {
    kind: "gauge",
    name: "keyreeve_storage_queue_calls",
    help: "Calls that wait for the database or are under way, by kind (read or commit).",
    labels: ["kind"],
  },
  auditRows: {
    kind: "counter",
    name: "keyreeve_audit_rows_total",
    help: "Audit rows made durable.",
    labels: [],
  },
  events: {
    kind: "counter",
    name: "keyreeve_events_total",
    help: "Events of which an operator must hear, by kind and severity (notice, warning, error, critical).",
    labels: ["event", "severity"],
  },
  auditCheckpointDelay: {
    kind: "gauge",
    name: "keyreeve_audit_checkpoint_delay_seconds",
    help: "For how long checkpoints have been failing; 0 while they are kept.",
    labels: [],
  },
  auditCheckpoints: {
    kind: "counter",
    name: "keyreeve_audit_checkpoints_total",
    help: "Audit checkpoints signed.",
    labels: [],
  },
} as const satisfies Readonly<Record<string, MetricRow>>;

/** One metric as the table describes it. */
export interface MetricRow {
  readonly kind: "counter" | "gauge" | "histogram";
  /** The name in the exposition, with its unit. */
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
}

export type MetricName = keyof typeof metricTable;
type NamesOfKind<Kind> = {
  [Name in MetricName]: (typeof metricTable)[Name]["kind"] extends Kind ? Name : never;
}[MetricName];

export type CounterName = NamesOfKind<"counter">;
export type GaugeName = NamesOfKind<"gauge">;
export type HistogramName = NamesOfKind<"histogram">;

/** The labels that a metric's row names, all of them. */
export type LabelsOf<Name extends MetricName> = Readonly<Record<(typeof metricTable)[Name]["labels"][number], string>>;
