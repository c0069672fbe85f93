import { pino } from "pino";
import { boundedLines } from "./bounded-lines.js";
import { presentable } from "./presentable.js";
import { textLines } from "./text-lines.js";

/** Facts that go with a log line. Values under secret names and all binary values are left out (see presentable). */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes one line: its facts, then what happened as a plain sentence. An Error goes under the name `error`. */
export type LogMethod = (fields: LogFields, message: string) => void;

/** The server's log. It is for operators; what must not be lost goes to the audit trail. */
export interface Log {
  readonly trace: LogMethod;
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  readonly fatal: LogMethod;
  /** A log that adds these fields to each line, such as a connection or correlation id. */
  child(fields: LogFields): Log;
}

/** Where and how much to log; the section `log` of the configuration. */
export interface LogOptions {
  readonly level: "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";
  readonly format: "auto" | "json" | "text";
  readonly destination: "stderr" | "stdout";
}

/** What log lines are written to: a stream, or a stand-in of a test. */
export interface LogDestination {
  write(line: string): unknown;
  readonly isTTY?: boolean;
  /** Bytes that wait to be taken. */
  readonly writableLength?: number;
  on?(event: "error", listener: () => void): unknown;
}

/** Makes the log of a process. `destination` is for tests; without it lines go to the stream that the options name. */
export function createLog(options: LogOptions, destination: LogDestination = process[options.destination]): Log {
  const asText = options.format === "text" || (options.format === "auto" && destination.isTTY === true);
  const stream = boundedLines(destination, asText ? textLines(destination) : destination);
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: "message",
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => presentableFields(fields),
      },
    },
    { write: (line: string) => void stream.write(line) },
  );
  return wrap(logger);
}

/** A log that writes nothing, for tests and tools. */
export function silentLog(): Log {
  return createLog({ level: "silent", format: "json", destination: "stderr" }, { write: () => true });
}

function wrap(logger: pino.Logger): Log {
  const at = (level: "trace" | "debug" | "info" | "warn" | "error" | "fatal"): LogMethod => {
    return (fields, message) => logger[level](fields, message);
  };
  return {
    trace: at("trace"),
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    fatal: at("fatal"),
    child: (fields) => wrap(logger.child(presentableFields(fields))),
  };
}

function presentableFields(fields: LogFields): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, presentable(value, name)]));
}
