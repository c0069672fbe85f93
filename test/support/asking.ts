/** The lines of a protocol version. */
export const version = (dotted: string) => {
  const [major, minor] = dotted.split(".");
  return ["      ProtocolVersion", `        ProtocolVersionMajor: ${major}`, `        ProtocolVersionMinor: ${minor}`];
};

interface Asked {
  readonly version?: string;
  readonly header?: readonly string[];
  /** Behind the payload. */
  readonly behind?: readonly string[];
  readonly connection?: string;
}

/** A request whose payload has these lines, and any answer. */
export function asking(operation: string, payload: readonly string[], asked: Asked = {}): readonly string[] {
  const { version: dotted = "1.4", header = [], behind = [], connection = "1" } = asked;
  const indented = (lines: readonly string[], by: number) => lines.map((line) => " ".repeat(by) + line);
  return [
    `>> connection ${connection}`,
    "  RequestMessage",
    "    RequestHeader",
    ...version(dotted),
    ...indented(header, 6),
    "      BatchCount: 1",
    "    BatchItem",
    `      Operation: ${operation}`,
    "      RequestPayload",
    ...indented(payload, 8),
    ...indented(behind, 6),
    `<< connection ${connection}`,
  ];
}

/** A transcript of steps. */
export const transcript = (...steps: readonly (readonly string[])[]) => ["transcript: 1", ...steps.flat()].join("\n");

/** A Template-Attribute with one attribute; the value with its colon. */
export const attribute = (name: string, value: string) => [
  "TemplateAttribute",
  "  Attribute",
  `    AttributeName: "${name}"`,
  `    AttributeValue${value}`,
];
/** The payload of a Register or Create. */
export const register = (type: string, ...object: readonly string[]) => [`ObjectType: ${type}`, ...object];
