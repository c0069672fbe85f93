import type { LogDestination } from "./log.js";

/** A destination that turns JSON lines into lines for people: `03:04:05.678 INFO  message  key=value`. */
export function textLines(destination: LogDestination): LogDestination {
  return { write: (line) => destination.write(textLine(line)) };
}

function textLine(line: string): string {
  const { level, time, message, ...fields }: Record<string, unknown> = JSON.parse(line);
  const stacks: string[] = [];
  const facts = Object.entries(fields).map(([name, value]) => {
    const { stack, shown } = splitStack(value);
    if (stack !== undefined) stacks.push(stack);
    return `  ${name}=${typeof shown === "string" && !/[\s"=]/.test(shown) ? shown : JSON.stringify(shown)}`;
  });
  const head = `${String(time).slice(11, 23)} ${String(level).toUpperCase().padEnd(5)} ${oneLine(String(message))}`;
  return `${[head + facts.join(""), ...stacks].join("\n")}\n`;
}

// An error's stack is many lines long: it stands below the line instead of in it.
function splitStack(value: unknown): { stack?: string; shown: unknown } {
  if (typeof value !== "object" || value === null || !("stack" in value) || typeof value.stack !== "string") {
    return { shown: value };
  }
  const { stack, ...shown } = value;
  return { stack, shown };
}

// A line break or an escape sequence in a message must not forge another line on the terminal.
function oneLine(message: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this replaces
  return message.replace(/[\u0000-\u001f\u007f-\u009f]/g, " ");
}
