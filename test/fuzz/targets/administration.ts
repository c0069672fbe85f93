import { callerAs, firstOperator, startWithAdmin } from "#test/support/admin.js";
import { textMutator } from "../mutators/text.js";
import { Fault, type Target } from "../target.js";
import { type ApiDocument, sampleRequests } from "./sample-requests.js";

/** Each tenant has a token with a process of its own: after so many, everything is made anew. */
const mostTenants = 8;
/** Between two looks at how many there are. */
const lookEvery = 200;

const words = [
  ...[
    "demo",
    "demo-client",
    "admin",
    "POST",
    "GET",
    "PUT",
    "/v1/",
    "/../",
    "%00",
    "%2e%2e%2f",
    "?",
    "&",
    "limit=",
    "tenant=",
  ],
  ...["null", "[]", "{}", "true", '"__proto__"', '"constructor"', '"name"', '"permissions"', '"quota"', "-----BEGIN"],
] as const;

/** The first line of an input is method and path, what follows the body. */
function parted(input: Buffer): { readonly method: string; readonly path: string; readonly body: string } {
  const text = input.toString("utf8");
  const end = text.indexOf("\n");
  const [method = "", path = ""] = (end < 0 ? text : text.slice(0, end)).split(" ");
  const isMethod = /^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)$/.test(method);
  // What cannot stand in the first line of HTTP is the business of the parser of Node.js.
  const sendable = path.replaceAll(/[^\x21-\x7e]/gu, (character) => encodeURIComponent(character));
  return {
    method: isMethod ? method : "POST",
    path: `/${sendable}`.replace(/^\/+/, "/"),
    body: end < 0 ? "" : text.slice(end + 1),
  };
}

/** A server in this process, and an operator who may do everything there. */
class Administered {
  private constructor(
    private readonly server: Awaited<ReturnType<typeof startWithAdmin>>,
    private readonly operator: ReturnType<typeof callerAs>,
  ) {}

  static async start(): Promise<Administered> {
    const server = await startWithAdmin();
    return new Administered(server, callerAs(firstOperator(server), server.adminPort));
  }

  async document(): Promise<ApiDocument> {
    return (await this.operator.json("/openapi.json")) as ApiDocument;
  }

  async status(input: Buffer): Promise<{ readonly status: number; readonly text: string }> {
    const { method, path, body } = parted(input);
    const hasBody = method !== "GET" && method !== "HEAD" && body !== "";
    return this.operator.ask({ method, path, ...(hasBody && { body }) });
  }

  async tenants(): Promise<number> {
    return (await this.server.runtime.tenants.list()).length;
  }

  async close(): Promise<void> {
    this.operator.close();
    await this.server.end();
  }
}

class AdministrationTarget implements Target {
  readonly name = "administration";
  readonly about =
    "requests to the admin port are done or refused with what is wrong, and none is a failure of the server";
  readonly native = true;
  readonly longest = 60_000;
  readonly mutate = textMutator(words);
  private executions = 0;

  constructor(
    readonly seeds: readonly Buffer[],
    private administered: Administered,
  ) {}

  async execute(input: Buffer): Promise<string> {
    this.executions += 1;
    if (this.executions % lookEvery === 0 && (await this.administered.tenants()) > mostTenants) await this.renew();
    const { status, text } = await this.administered.status(input);
    // 502 says that a token did not do its part, such as one that the request itself names.
    if (status >= 500 && status !== 502)
      throw new Fault(`status ${status}: ${text.replaceAll(/"requestId":"[^"]*"/g, "")}`);
    return `status ${status}`;
  }

  close(): Promise<void> {
    return this.administered.close();
  }

  private async renew(): Promise<void> {
    await this.administered.close();
    this.administered = await Administered.start();
  }
}

/** Requests of an operator over TLS to a server in this process, made from what the server says of its routes. */
export async function administrationTarget(): Promise<Target> {
  const administered = await Administered.start();
  return new AdministrationTarget(sampleRequests(await administered.document()), administered);
}
