import { CertificateRequestType, CertificateType, Operation } from "#protocol/enums/index.js";
import { curvePair, derRequest, testCertificate } from "../certificate-requests.js";
import { requested } from "../kmip-actions.js";
import { named } from "../kmip-client-messages.js";
import { activePair, asked, askedOf, certificateObject, missing, opaqueObject, strangeStorage } from "./making.js";
import { type Scenario, type Stage, scenariosOf } from "./scenario.js";

const noAttributes = { attributes: requested() };
const notACsr = {
  certificateRequestType: CertificateRequestType.PKCS_10,
  certificateRequestValue: Buffer.from("no certificate request"),
};

async function publicKey(stage: Stage): Promise<string> {
  return (await activePair(stage)).publicKeyUniqueIdentifier;
}

async function certificate(stage: Stage): Promise<string> {
  return certificateObject(stage, (await testCertificate({ subject: "/CN=scenario" })).der);
}

/** What goes wrong with operations on certificates. */
export const certificateScenarios: readonly Scenario[] = [
  ...scenariosOf(Operation.Certify, {
    InvalidCSR: (stage) => asked(stage, Operation.Certify, { ...notACsr, ...noAttributes }),
    InvalidField: (stage) =>
      asked(stage, Operation.Certify, { ...notACsr, certificateRequestType: undefined, ...noAttributes }),
    InvalidObjectType: async (stage) => askedOf(stage, Operation.Certify, await stage.actions.create(), noAttributes),
    ItemNotFound: (stage) => asked(stage, Operation.Certify, { uniqueIdentifier: missing, ...noAttributes }),
    ProtectionStorageUnavailable: async (stage) =>
      askedOf(stage, Operation.Certify, await publicKey(stage), {
        ...noAttributes,
        protectionStorageMasks: strangeStorage,
      }),
  }),
  ...scenariosOf(Operation.ReCertify, {
    InvalidCSR: async (stage) =>
      askedOf(stage, Operation.ReCertify, await certificate(stage), {
        ...noAttributes,
        certificateRequestType: CertificateRequestType.PKCS_10,
        certificateRequestValue: await derRequest(curvePair(), "/CN=of another key"),
      }),
    InvalidField: async (stage) =>
      askedOf(stage, Operation.ReCertify, await certificate(stage), {
        ...noAttributes,
        certificateRequestValue: Buffer.from("of no type"),
      }),
    InvalidObjectType: async (stage) => askedOf(stage, Operation.ReCertify, await opaqueObject(stage), noAttributes),
    ObjectNotFound: (stage) => asked(stage, Operation.ReCertify, { uniqueIdentifier: missing, ...noAttributes }),
    ProtectionStorageUnavailable: async (stage) =>
      askedOf(stage, Operation.ReCertify, await certificate(stage), {
        ...noAttributes,
        protectionStorageMasks: strangeStorage,
      }),
  }),
  ...scenariosOf(Operation.ReProvision, {
    CryptographicFailure: (stage) => asked(stage, Operation.ReProvision, { certificateRequest: notACsr }),
    InvalidField: (stage) =>
      asked(stage, Operation.ReProvision, {
        certificateRequest: notACsr,
        certificate: { certificateType: CertificateType.X_509, certificateValue: Buffer.from("none") },
      }),
  }),
  ...scenariosOf(Operation.Validate, {
    InvalidField: (stage) =>
      asked(stage, Operation.Validate, {
        certificates: [{ certificateType: CertificateType.X_509, certificateValue: Buffer.from("none") }],
        uniqueIdentifiers: [],
      }),
    InvalidObjectType: async (stage) =>
      asked(stage, Operation.Validate, {
        certificates: [],
        uniqueIdentifiers: [named(await stage.actions.create())],
      }),
    ObjectNotFound: (stage) => asked(stage, Operation.Validate, { certificates: [], uniqueIdentifiers: [missing] }),
  }),
];
