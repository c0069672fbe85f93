/** How urgent an event is: `notice` is good news or routine, `critical` means that keys may be lost or were tampered with. */
export type EventSeverity = "notice" | "warning" | "error" | "critical";

/** One kind of event. */
export interface EventRow {
  readonly severity: EventSeverity;
  /** What happened, as operators read it. */
  readonly words: string;
}

/** Everything of which an operator must hear, by the name it has in the audit trail, in metrics and in the log. */
export const eventTable = {
  "partition-unhealthy": { severity: "error", words: "a partition does not answer, or its token is missing" },
  "partition-recovered": { severity: "notice", words: "a partition answers again and its token is there" },
  "circuit-opened": { severity: "error", words: "calls of a partition are refused at once for a while" },
  "circuit-closed": { severity: "notice", words: "a partition takes calls again" },
  "worker-crashed": { severity: "warning", words: "a worker process of a partition ended by itself" },
  "worker-hung": { severity: "warning", words: "a worker process of a partition did not answer in time and was ended" },
  "worker-not-opened": { severity: "warning", words: "a worker process could not open its partition" },
  "worker-replaced": { severity: "notice", words: "a worker process was replaced because of its age or size" },
  "pin-refused": { severity: "error", words: "a token refused its PIN, which is not tried again for now" },
  "token-missing": { severity: "critical", words: "a token is not there, or is not the one it was" },
  "token-restored": { severity: "warning", words: "the file of a token was cut short and was put back from its copy" },
  "partition-overloaded": { severity: "warning", words: "a partition is asked for more than it can do" },
  "token-full": { severity: "error", words: "a token has no room for another key" },
  "session-lost": { severity: "warning", words: "a session with a token was lost and opened anew" },
  "login-lost": { severity: "warning", words: "a token forgot the login; its worker is started anew" },
  "device-error": { severity: "warning", words: "a token or its module reported an error" },
  "key-missing": { severity: "critical", words: "a key is not in its token, although the token is there" },
  "key-not-written": { severity: "critical", words: "a token acknowledged a key that it did not keep" },
  "key-damaged": { severity: "critical", words: "a stored key does not open: it is damaged or of another partition" },
  "mechanism-missing": { severity: "warning", words: "a token does not perform a mechanism that was asked of it" },
  "decryptions-failing": {
    severity: "error",
    words: "decryptions with a key fail so often that its padding may be under attack",
  },
  "database-unavailable": { severity: "error", words: "the database takes no writes: every request is refused" },
  "database-recovered": { severity: "notice", words: "the database does what it is asked again" },
  "database-behind": {
    severity: "critical",
    words: "the database lacks what it had acknowledged, or has it otherwise: every request is refused",
  },
  "disk-low": { severity: "warning", words: "space runs short on a disk the server writes to" },
  "disk-reserved": { severity: "error", words: "space is so short on a disk that nothing new is made" },
  "disk-ample": { severity: "notice", words: "there is space again on a disk the server writes to" },
  "checkpoint-failed": { severity: "error", words: "a checkpoint of the audit trail could not be kept outside" },
  "audit-unsecured": {
    severity: "critical",
    words: "no checkpoint could be kept outside for too long: every request is refused",
  },
  "checkpoint-resumed": { severity: "notice", words: "checkpoints of the audit trail are kept outside again" },
  "clock-stepped": { severity: "error", words: "the clock of the machine was set back or forward by seconds or more" },
  "integrity-damaged": { severity: "critical", words: "a row is not as this server wrote it" },
  "process-ended": { severity: "error", words: "a server process ended by itself and is started again" },
  "process-stalled": { severity: "error", words: "a server process did not answer in time and was ended" },
  "process-restored": { severity: "notice", words: "a server process that had ended serves again" },
  "client-waiting": { severity: "notice", words: "a client with an unknown certificate waits to be accepted" },
  "client-registered": {
    severity: "notice",
    words: "a client was registered because a trusted authority vouches for it",
  },
  "clients-turned-away": {
    severity: "warning",
    words: "unknown certificates come faster, or are more, than are kept: some were not noted",
  },
  "quota-reached": {
    severity: "warning",
    words: "more was asked for than a quota allows: requests were refused",
  },
  "requests-refused": {
    severity: "warning",
    words: "more was asked for than the server can do at once: requests were refused",
  },
  "task-finished": { severity: "notice", words: "a long task is done" },
  "trace-started": { severity: "warning", words: "what a client sends and receives is being recorded" },
  "trace-ended": { severity: "notice", words: "what a client sends and receives is not recorded any more" },
  "task-failed": { severity: "error", words: "a long task could not be done" },
} as const satisfies Readonly<Record<string, EventRow>>;

/** The name of a kind of event. */
export type EventKind = keyof typeof eventTable;
