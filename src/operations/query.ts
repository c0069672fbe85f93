import { isKnownIn, Operation, QueryFunctionTable } from "#protocol/enums/index.js";
import { type QueryResponse, queryRequest, queryResponse } from "#protocol/payloads/query.js";
import { defineOperation } from "./contract/operation.js";
import { answers } from "./querying/answers.js";

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
  async run(context, request) {
    let response = nothing;
    for (const asked of new Set(request.queryFunctions)) {
      if (!isKnownIn(QueryFunctionTable, asked, context.version)) continue;
      response = { ...response, ...(await answers.get(asked)?.(context, request)) };
    }
    return response;
  },
});
