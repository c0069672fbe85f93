import * as z from "zod";

/**
 * Every limit an operator can set, in one place; the sections of the schema take theirs from here.
 * Names end in their unit; what carries none is a count.
 */

const seconds = (ceiling: number) => z.int().min(1).max(ceiling);
const count = (ceiling: number) => z.int().min(1).max(ceiling);

/** What a KMIP message and a connection of the KMIP listener may take. All are checked before anything is allocated. */
export const kmipLimits = z.strictObject({
  maximumMessageBytes: z
    .int()
    .min(4096)
    .max(64 * 1024 * 1024)
    .default(1024 * 1024)
    .describe("Longest request, in bytes. A longer one is refused at its first 8 bytes and the connection is closed."),
  maximumBatchItems: count(10_000).default(100).describe("Most batch items in one request."),
  maximumDepth: z.int().min(8).max(256).default(32).describe("Deepest nesting of structures in one request."),
  maximumItems: count(1_000_000).default(20_000).describe("Most TTLV items in one request, structures included."),
  handshakeSeconds: seconds(300)
    .default(10)
    .describe(
      "Time for a client to finish the TLS handshake, from its first byte. As long it may take until that comes.",
    ),
  messageSeconds: seconds(3600)
    .default(30)
    .describe("Time for one request to arrive, from its first byte to its last."),
  requestSeconds: seconds(3600)
    .default(60)
    .describe("Time to work on one request. Batch items that have not begun by then are refused."),
  idleSeconds: seconds(86_400)
    .default(900)
    .describe("How long a connection may stay silent between requests. Many clients keep pools of idle connections."),
  writeSeconds: seconds(3600).default(30).describe("Time for a client to take an answer off the connection."),
  stopSeconds: seconds(3600)
    .default(15)
    .describe("On stop, how long accepted requests may take to finish before their connections are cut."),
  maximumConnections: count(100_000)
    .default(1000)
    .describe("Most connections at once. Each costs about 43 KiB of memory and one open file."),
  maximumConnectionsPerClient: count(100_000)
    .default(100)
    .describe("Most connections at once of one client certificate."),
  maximumConnectionsPerAddress: count(100_000)
    .default(250)
    .describe("Most connections at once from one network address."),
  maximumHandshakes: count(10_000)
    .default(64)
    .describe(
      "Most handshakes at once. Beyond it the oldest unfinished handshake is ended, so that nobody can block others.",
    ),
  maximumPipelinedRequests: count(1000)
    .default(16)
    .describe(
      "Most requests of one connection that wait their turn. Beyond it the server stops reading that connection.",
    ),
  maximumConcurrentRequests: count(10_000)
    .default(64)
    .describe(
      "Most requests of one tenant that a server process works on at once while no other tenant asks. Further ones wait.",
    ),
  sharedConcurrentRequests: count(10_000)
    .default(16)
    .describe(
      "Where several tenants ask, most requests that a server process works on at once, of all of them together; a " +
        "tenant can always have 4 in work. Fewer keep the answers to small tenants quick while a large one has much to do.",
    ),
  maximumWaitingRequests: count(100_000)
    .default(500)
    .describe(
      "Most requests that wait to be worked on in a server process; beyond it those who ask for most are refused.",
    ),
  waitSeconds: seconds(3600).default(5).describe("How long a request waits to be worked on before it is refused."),
  maximumWaitingPairs: count(10_000)
    .default(64)
    .describe("Most key pairs of one tenant that wait to be made in a server process."),
  maximumStreamsPerClient: count(1000)
    .default(16)
    .describe("Most cryptographic operations over several requests that one client has under way at once."),
  maximumStreamsPerTenant: count(1000)
    .default(64)
    .describe("Most of them of all clients of a tenant. Each may hold a session of the token."),
  streamIdleSeconds: seconds(86_400)
    .default(300)
    .describe("How long such an operation waits for its next part before it is dropped."),
  maximumStreamBytes: z
    .int()
    .min(4096)
    .max(1024 * 1024 * 1024)
    .default(16 * 1024 * 1024)
    .describe(
      "Most bytes of all parts of such an operation. Where all data are needed at once, as to decrypt with a tag, they " +
        "are held in memory until the end.",
    ),
});

/** What clients of the operation PKCS#11 may keep between requests. */
export const pkcs11Limits = z.strictObject({
  maximumInstances: count(100_000)
    .default(256)
    .describe("Most clients' instances (C_Initialize) at once, of all tenants."),
  maximumInstancesPerClient: count(1000).default(8).describe("Most instances of one client."),
  maximumSessions: count(10_000).default(64).describe("Most open sessions of one instance."),
  maximumSessionObjects: count(100_000).default(256).describe("Most session objects of one instance."),
  maximumHandles: count(1_000_000)
    .default(20_000)
    .describe("Most objects one instance has handles of. About 250 bytes of memory each."),
  maximumDataBytes: z
    .int()
    .min(1024)
    .max(64 * 1024 * 1024)
    .default(1024 * 1024)
    .describe("Most bytes of data, given in parts or waiting to be fetched, that one instance holds."),
  idleSeconds: seconds(86_400)
    .default(900)
    .describe("After how long without a call an instance ends, with its sessions and session objects."),
});

/** What a request to the admin port may take. */
export const adminLimits = z.strictObject({
  maximumBodyBytes: z
    .int()
    .min(1024)
    .max(64 * 1024 * 1024)
    .default(1024 * 1024)
    .describe("Longest request body, in bytes."),
  requestSeconds: seconds(300).default(15).describe("Time for one request to arrive."),
  maximumConnections: count(10_000).default(100).describe("Most connections at once."),
});

/** What the HSM workers may take; the fields stand in the section `hsm` itself. */
export const hsmLimits = {
  workersMax: count(1024)
    .min(2)
    .default(32)
    .describe(
      "Most HSM worker processes at once, of all partitions together; a partition has one, and another while it makes " +
        "key pairs. Each takes about 60 MB. Above it, the worker that was idle for longest makes room.",
    ),
  workersPerPartition: count(64)
    .default(1)
    .describe(
      "Most worker processes of one partition for short calls. One is fastest for a module that computes by itself; a " +
        "network HSM, which takes milliseconds a call and does several at once, wants as many as it does at once. They " +
        "are started as calls pile up.",
    ),
  idleStopSeconds: seconds(86_400)
    .default(900)
    .describe("After how long without a call a partition's worker is stopped."),
  callTimeoutMilliseconds: z
    .int()
    .min(100)
    .max(600_000)
    .default(1200)
    .describe(
      "How long the module may take for a short call before its worker counts as hung and is replaced; long RSA keys " +
        "and much data get more. A hang costs its partition this long and a restart.",
    ),
  waitTimeoutMilliseconds: z
    .int()
    .min(100)
    .max(600_000)
    .default(10_000)
    .describe("How long a call waits for a free worker of its partition before it is refused."),
  queueLimit: count(100_000).default(1024).describe("Most calls that wait for one partition; one more is refused."),
  workerOperations: count(1_000_000_000)
    .min(1000)
    .default(1_000_000)
    .describe("After so many calls a worker is replaced, once it has answered what it has: modules leak memory."),
  workerMebibytes: count(65_536)
    .min(128)
    .default(512)
    .describe("A worker that takes more memory, in MiB, is replaced likewise."),
};

/** What managed objects may take of memory; the fields stand in the section `objects` itself. */
export const objectLimits = {
  cachedObjects: count(1_000_000)
    .default(4096)
    .describe(
      "Most objects that a process keeps in memory, verified: as many as a worker keeps keys open. One takes about " +
        "4 KB, and as much again until memory is collected. Others are read and verified each time they are used.",
    ),
};

/** What the queues to the database may take. */
export const databaseLimits = z.strictObject({
  queue: count(1_000_000).default(8192).describe("Most calls that wait for the database; one more is refused."),
  group: count(10_000).default(256).describe("Most commits that share one transaction."),
});

const percent = (meaning: string) => z.number().min(0).max(90).describe(meaning);
const mebibytes = (most: number) => z.int().min(0).max(most);

/** When a disk counts as full; the fields stand in the section `disk` itself. */
export const diskLimits = {
  alarmPercent: percent("An event is raised where less of a disk is free.").default(20),
  alarmMebibytes: mebibytes(1_048_576)
    .default(5120)
    .describe("But not while so much is free, in MiB: of a large disk `disk.alarmPercent` is more than is needed."),
  reservePercent: percent("Where less of a disk is free, requests that make objects are refused.").default(10),
  reserveMebibytes: mebibytes(1_048_576)
    .default(1024)
    .describe("But not while so much is free, in MiB. 0: never. About 1 KiB of it is used by each request."),
  everySeconds: seconds(3600).default(2).describe("How often it is looked."),
};

/** What requests that are worked on later may take; the fields stand in the section `asynchronous` itself. */
export const asynchronousLimits = {
  maximumOfClient: count(100_000).default(100).describe("Most requests of one client that are outstanding at once."),
  maximumOfTenant: count(1_000_000).default(1000).describe("Most requests of one tenant that are outstanding at once."),
  concurrency: count(256).default(4).describe("Most asynchronous batches that are worked on at once."),
  startDelayMilliseconds: z
    .int()
    .min(0)
    .max(600_000)
    .default(1000)
    .describe("How long a request rests before it is begun, so that it can be canceled. A Poll for it begins it."),
  lifetimeSeconds: seconds(31_536_000)
    .default(86_400)
    .describe("How long a request and its answer are kept for the client to poll for."),
  repeatSeconds: seconds(86_400)
    .default(300)
    .describe("How long an answer is given again after it was first polled for, in case it was lost on its way."),
};

/** What messages of the server to clients may take; the fields stand in the section `destinations` itself. */
export const destinationLimits = {
  maximumWaiting: count(1_000_000)
    .default(10_000)
    .describe("Most messages that wait for one destination. Further ones are not kept, only counted."),
  lifetimeSeconds: seconds(31_536_000).default(604_800).describe("How long a message waits before it is given up."),
  connectSeconds: seconds(300).default(10).describe("Time for a connection to a destination to come about."),
  answerSeconds: seconds(3600).default(30).describe("Time for a destination to answer a message."),
};

/** What is kept of certificates that nobody knows; the fields stand in the section `firstContact` itself. */
export const firstContactLimits = {
  waitingDays: count(365)
    .default(7)
    .describe("How long an unknown certificate waits after it was last shown, in days."),
  maximumWaiting: count(10_000).default(200).describe("Most unknown certificates that wait to be accepted."),
  maximumWaitingPerAddress: count(10_000).default(20).describe("Most of them that came from one address."),
  maximumNewPerMinute: count(10_000)
    .default(30)
    .describe("Most certificates not seen before that a server process notes, or registers by itself, each minute."),
};

/** When objects are replaced by the server itself; the fields stand in the section `rotation` itself. */
export const rotationLimits = {
  everySeconds: seconds(86_400)
    .default(60)
    .describe("How often the server looks for objects whose Rotate Interval has passed."),
};

/** Long tasks in the background; the fields stand in the section `tasks` itself. */
export const taskLimits = {
  concurrency: z
    .int()
    .min(1)
    .max(64)
    .default(4)
    .describe("Objects that one long task works at together. More is faster, and felt more by clients."),
  keyRetirementSeconds: z
    .int()
    .min(0)
    .max(86_400)
    .default(120)
    .describe(
      "How long an old key-encryption key stays in the token after the last key was wrapped anew, so that no request " +
        "under way and no other server still uses it.",
    ),
  abandonedSeconds: seconds(86_400)
    .default(600)
    .describe(
      "How old what a crash may have left must be before it counts as left: a key change that nobody ends, a key in the " +
        "token that nothing names. More than any request takes.",
    ),
  scanEveryHours: z
    .int()
    .min(0)
    .max(8760)
    .default(24)
    .describe(
      "How often the rows and keys of each tenant are checked (`keyreeve integrity scan`). 0: never by itself.",
    ),
};
