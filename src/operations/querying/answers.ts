import {
  ClientRegistrationMethod,
  DestroyAction,
  ProtectionStorageMask,
  QueryFunction,
  RNGAlgorithm,
  RNGMode,
  ShreddingAlgorithm,
  UnwrapMode,
} from "#protocol/enums/index.js";
import type { QueryRequest, QueryResponse } from "#protocol/payloads/query.js";
import { inSpan, supportedVersions, V2_0 } from "#protocol/versions.js";
import { attestationTypes } from "#src/access/attestation.js";
import { applicationNamespaces } from "#src/objects/application-namespaces.js";
import { type OperationContext, takesPartInTests } from "../contract/context.js";
import type { Operation } from "../contract/operation.js";
import { registrableTypes } from "../making/registered-object.js";
import { clientOperations } from "../to-clients/index.js";
import { defaultsFor } from "./defaults.js";
import { knownExtensions } from "./extensions.js";
import { supportedProfiles } from "./profiles.js";

/** What one Query Function tells: fields of the answer. */
export type Answer = Partial<QueryResponse>;

type Tell = (context: OperationContext, request: QueryRequest) => Answer | Promise<Answer>;

/** Names of mechanisms of algorithms that withstand quantum computers (FIPS 203, 204, 205; SP 800-208). */
const quantumSafe = /ML_KEM|ML_DSA|SLH_DSA|CKM_HSS|CKM_XMSS/;

/** What each Query Function tells. All of it is computed, so that nothing is claimed that is not there. */
export const answers: ReadonlyMap<number, Tell> = new Map<number, Tell>([
  [QueryFunction.QueryOperations, (context) => ({ operations: offered(context) })],
  [QueryFunction.QueryObjects, ({ version }) => ({ objectTypes: registrableTypes(version) })],
  [QueryFunction.QueryServerInformation, serverInformation],
  [QueryFunction.QueryApplicationNamespaces, () => ({ applicationNamespaces })],
  [QueryFunction.QueryExtensionList, extensionList],
  [
    QueryFunction.QueryExtensionMap,
    (context) => ({ extensionInformation: knownExtensions(takesPartInTests(context)) }),
  ],
  [QueryFunction.QueryAttestationTypes, () => ({ attestationTypes })],
  [QueryFunction.QueryRNGs, () => ({ rngParameters: [{ rngAlgorithm: RNGAlgorithm.Unspecified }] })],
  [QueryFunction.QueryProfiles, profiles],
  [QueryFunction.QueryCapabilities, capabilities],
  [
    QueryFunction.QueryClientRegistrationMethods,
    () => ({ clientRegistrationMethods: [ClientRegistrationMethod.ServerPreGenerated] }),
  ],
  [QueryFunction.QueryDefaultsInformation, (context, request) => defaultsFor(context, request)],
  [
    QueryFunction.QueryStorageProtectionMasks,
    () => ({
      protectionStorageMasks: {
        protectionStorageMask: [ProtectionStorageMask.Software, ProtectionStorageMask.Hardware],
      },
    }),
  ],
]);

/** Operations of a version: those that the caller can ask for, and those that this server asks of clients. */
function offered({ deployment, version, request }: OperationContext): readonly number[] {
  return [...everOffered({ deployment, request }), ...clientOperations]
    .filter(({ versions }) => inSpan(versions, version))
    .map(({ code }) => code);
}

/** Operations that the caller can ask for in any version. */
function everOffered({ deployment, request }: Pick<OperationContext, "deployment" | "request">): readonly Operation[] {
  return deployment.operations.filter(({ isOffered }) => isOffered?.(request.caller, deployment) !== false);
}

/** The list is the map without tags and types; where both are asked for, the map alone is told (KMIP 2.1 §6.1.40). */
function extensionList(context: OperationContext, { queryFunctions }: QueryRequest): Answer {
  if (queryFunctions.includes(QueryFunction.QueryExtensionMap)) return {};
  const known = knownExtensions(takesPartInTests(context));
  return { extensionInformation: known.map(({ extensionName }) => ({ extensionName })) };
}

async function serverInformation({ deployment, version, tenantId }: OperationContext): Promise<Answer> {
  const { vendorIdentification, serverName, serverVersion } = deployment;
  const none = { alternateFailoverEndpoints: [], vendorSpecific: [] };
  if (version < V2_0) return { vendorIdentification, serverInformation: none };
  const { tokenSerial } = await deployment.tokenInformation(tenantId);
  const serverSerialNumber = tokenSerial;
  const named = { serverName, serverSerialNumber, serverVersion, productName: "Keyreeve" };
  return { vendorIdentification, serverInformation: { ...named, ...none } };
}

async function profiles(context: OperationContext): Promise<Answer> {
  const { mechanisms } = await context.deployment.tokenInformation(context.tenantId);
  const offer = {
    operations: everOffered(context),
    objectTypes: registrableTypes,
    mechanisms: new Set(mechanisms.map(({ name }) => name)),
  };
  return { profileInformation: supportedProfiles(context.version, supportedVersions, offer) };
}

async function capabilities({ deployment, tenantId }: OperationContext): Promise<Answer> {
  const { mechanisms } = await deployment.tokenInformation(tenantId);
  const information = {
    streamingCapability: deployment.capabilities.streaming,
    asynchronousCapability: deployment.capabilities.asynchronous,
    attestationCapability: attestationTypes.length > 0,
    batchUndoCapability: true,
    batchContinueCapability: true,
    unwrapMode: UnwrapMode.NotProcessed,
    destroyAction: DestroyAction.KeyMaterialDeleted,
    shreddingAlgorithm: ShreddingAlgorithm.Unsupported,
    rngMode: RNGMode.SharedInstantiation,
    quantumSafeCapability: mechanisms.some(({ name }) => quantumSafe.test(name)),
  };
  return { capabilityInformation: [information] };
}
