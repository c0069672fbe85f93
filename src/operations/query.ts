import { Operation, ProtectionStorageMask, QueryFunction, RNGAlgorithm } from "#protocol/enums/index.js";
import { type QueryResponse, queryRequest, queryResponse } from "#protocol/payloads/query.js";
import { inSpan, V2_0 } from "#protocol/versions.js";
import type { OperationContext } from "./contract/context.js";
import { defineOperation } from "./contract/operation.js";
import { registrableTypes } from "./making/registered-object.js";

/** Application namespaces that clients are known to look for before they use one; any other is taken as well. */
const applicationNamespaces: readonly string[] = ["LIBRARY-LTO", "LIBRARY-LTO4", "ssl", "LDAP", "iSCSI", "NFS"];

type Answer = Partial<QueryResponse>;

/** What each Query Function tells. All of it is computed, so that nothing is claimed that is not there. */
const answers: ReadonlyMap<number, (context: OperationContext) => Answer | Promise<Answer>> = new Map<
  number,
  (context: OperationContext) => Answer | Promise<Answer>
>([
  [
    QueryFunction.QueryOperations,
    ({ deployment, version, request }) => ({
      operations: deployment.operations
        .filter(
          ({ versions, isOffered }) => inSpan(versions, version) && isOffered?.(request.caller, deployment) !== false,
        )
        .map(({ code }) => code),
    }),
  ],
  [QueryFunction.QueryObjects, ({ version }) => ({ objectTypes: registrableTypes(version) })],
  [QueryFunction.QueryServerInformation, serverInformation],
  [QueryFunction.QueryApplicationNamespaces, () => ({ applicationNamespaces })],
  [QueryFunction.QueryRNGs, () => ({ rngParameters: [{ rngAlgorithm: RNGAlgorithm.Unspecified }] })],
  [
    QueryFunction.QueryCapabilities,
    ({ deployment }) => ({
      capabilityInformation: [
        {
          streamingCapability: false,
          asynchronousCapability: deployment.capabilities.asynchronous,
          attestationCapability: false,
          batchUndoCapability: true,
          batchContinueCapability: true,
        },
      ],
    }),
  ],
  [
    QueryFunction.QueryStorageProtectionMasks,
    () => ({
      protectionStorageMasks: {
        protectionStorageMask: [ProtectionStorageMask.Software, ProtectionStorageMask.Hardware],
      },
    }),
  ],
]);

async function serverInformation({ deployment, version, tenantId }: OperationContext): Promise<Answer> {
  const { vendorIdentification, serverName, serverVersion } = deployment;
  if (version < V2_0)
    return { vendorIdentification, serverInformation: { alternateFailoverEndpoints: [], vendorSpecific: [] } };
  const token = await deployment.tokenInformation(tenantId);
  return {
    vendorIdentification,
    serverInformation: {
      serverName,
      serverSerialNumber: token.tokenSerial,
      serverVersion,
      productName: "Keyreeve",
      alternateFailoverEndpoints: [],
      vendorSpecific: [],
    },
  };
}

const nothing: QueryResponse = {
  operations: [],
  objectTypes: [],
  applicationNamespaces: [],
  extensionInformation: [],
  attestationTypes: [],
  rngParameters: [],
  profileInformation: [],
  validationInformation: [],
  capabilityInformation: [],
  clientRegistrationMethods: [],
};

/** Query (KMIP 2.1 §6.1.40): what the server is and can do. Functions with nothing to tell are answered by nothing. */
export const query = defineOperation({
  code: Operation.Query,
  name: "Query",
  versions: {},
  request: queryRequest,
  response: queryResponse,
  permission: "inquire",
  async run(context, { queryFunctions }) {
    let response = nothing;
    for (const asked of new Set(queryFunctions)) response = { ...response, ...(await answers.get(asked)?.(context)) };
    return response;
  },
});
