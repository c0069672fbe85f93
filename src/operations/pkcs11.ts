import { Operation, PKCS_11Function, PKCS_11FunctionTable } from "#protocol/enums/index.js";
import { type Pkcs11Request, type Pkcs11Response, pkcs11Request, pkcs11Response } from "#protocol/payloads/pkcs11.js";
import { V2_0, V3_0 } from "#protocol/versions.js";
import { KmipError } from "#src/objects/kmip-error.js";
import type { OperationContext } from "./contract/context.js";
import { defineOperation } from "./contract/operation.js";
import { encodingVersion, interfaceName } from "./cryptoki/constants.js";
import { correlationBytes } from "./cryptoki/instances.js";
import { type Answer, ok, refusalOf, returnCodeValue } from "./cryptoki/outcome.js";
import { codecError } from "./cryptoki/parameters.js";
import { performFunction } from "./cryptoki/perform-function.js";

/**
 * PKCS#11 (KMIP 2.1 §6.1.37): the functions of PKCS#11 on the managed objects of the tenant and on session objects, each
 * by the KMIP operation that does the same, with its permission, checks, limits and audit.
 */
export const pkcs11 = defineOperation({
  code: Operation.PKCS_11,
  name: "PKCS#11",
  versions: { since: V2_0 },
  request: pkcs11Request,
  response: pkcs11Response,
  permission: "inquire",
  // Its sessions are kept between requests.
  undo: "impossible",
  async run(context, request): Promise<Pkcs11Response> {
    const { pkcs11Interface, pkcs11Function } = request;
    if (pkcs11Interface !== undefined && pkcs11Interface !== interfaceName) {
      throw new KmipError("PKCS_11InvalidInterface", `the only interface is "${interfaceName}"`);
    }
    const name = functionName(pkcs11Function);
    if (name === undefined) throw new KmipError("PKCS_11InvalidFunction", "the interface has no such function");
    context.note({ function: name });
    const { returnCode, output, correlationValue } = await answerOf(context, request);
    context.note({ returnCode });
    return {
      pkcs11Interface,
      pkcs11Function,
      // The published cases of 2.x tell it once, those of 3.0 in every answer.
      correlationValue: correlationValue ?? (context.version < V3_0 ? undefined : request.correlationValue),
      pkcs11OutputParameters: output,
      pkcs11ReturnCode: returnCodeValue(returnCode),
    };
  },
});

/** The name of a function of the interface; vendors' functions are not among them. */
function functionName(value: Pkcs11Request["pkcs11Function"]): string | undefined {
  return typeof value === "number" ? PKCS_11FunctionTable.byValue.get(value)?.name : undefined;
}

type Correlated = Answer & { readonly correlationValue?: Buffer };

async function answerOf(context: OperationContext, request: Pkcs11Request): Promise<Correlated> {
  const { cryptoki, request: message } = context;
  const { correlationValue, pkcs11InputParameters: input = Buffer.alloc(0) } = request;
  checkCorrelationValue(correlationValue);
  const instance = correlationValue === undefined ? undefined : cryptoki.find(message.caller, correlationValue);
  const { pkcs11Function } = request;
  if (typeof pkcs11Function !== "number") throw new TypeError("only functions of the interface come here");
  if (pkcs11Function === PKCS_11Function.C_Initialize) {
    return instance === undefined ? initialise(context, input) : { returnCode: "CRYPTOKI_ALREADY_INITIALIZED" };
  }
  if (instance === undefined || correlationValue === undefined) return { returnCode: "CRYPTOKI_NOT_INITIALIZED" };
  if (pkcs11Function !== PKCS_11Function.C_Finalize) {
    return performFunction(context, instance, pkcs11Function, input);
  }
  if (input.some((byte) => byte !== 0)) throw codecError("C_Finalize takes no parameters");
  for (const { object } of instance.sessionObjects.values()) await context.keys.destroy(object);
  context.changes.afterCommit(async () => cryptoki.end(correlationValue));
  return ok();
}

/** Throws KmipError for what this server cannot have given to anybody. */
function checkCorrelationValue(value: Buffer | undefined): void {
  if (value === undefined || value.length === correlationBytes) return;
  if (value.length === 0) throw new KmipError("InvalidField", "a Correlation Value is not empty");
  throw new KmipError("InvalidAsynchronousCorrelationValue", "this is no Correlation Value of this server");
}

/** C_Initialize tells the version of the encoding, and is told the correlation value that all later calls bear. */
function initialise({ cryptoki, request, changes }: OperationContext, input: Buffer): Correlated {
  if (input.length > 1 || (input[0] ?? encodingVersion) !== encodingVersion) {
    throw codecError("only version 1 of the encoding of parameters is known");
  }
  try {
    const correlationValue = cryptoki.create(request.caller);
    changes.onDiscard(async () => cryptoki.end(correlationValue));
    return { returnCode: "OK", correlationValue };
  } catch (thrown) {
    const returnCode = refusalOf(thrown);
    if (returnCode === undefined) throw thrown;
    return { returnCode };
  }
}
