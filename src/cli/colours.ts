/** The escape sequences of ECMA-48 that begin a style. */
const styles = { bold: 1, red: 31, green: 32, yellow: 33 } as const;

/** A style of text on a terminal. */
export type Colour = keyof typeof styles;

/** Text in a style, on a terminal whose user has not declined colours (https://no-color.org). */
export function coloured(text: string, colour: Colour): string {
  const declined = (process.env["NO_COLOR"] ?? "") !== "" || process.env["TERM"] === "dumb";
  if (declined || process.stdout.isTTY !== true) return text;
  return `\u001b[${styles[colour]}m${text}\u001b[0m`;
}
