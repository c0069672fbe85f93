import { attributes } from "#protocol/attributes/definitions.js";
import { InteropFunction, Operation, PKCS_11Function, QueryFunction } from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { instance } from "../kmip-actions.js";
import { structureItem } from "../kmip-client-messages.js";
import { asked, payloadOf } from "./making.js";
import { type Scenario, type Stage, scenariosOf } from "./scenario.js";

const unknownValue = { asynchronousCorrelationValue: Buffer.alloc(16, 9) };
const emptyValue = { asynchronousCorrelationValue: Buffer.alloc(0) };
const strangeTypes = { objectType: [0x80000001] };

const text = (tag: number, value: string): Item => ({ tag, type: ItemType.TextString, value });

/** A constraint on an attribute of a vendor whose name no vendor may have. */
const strangeConstraint = structureItem(
  Tag.Constraints,
  structureItem(
    Tag.Constraint,
    structureItem(
      Tag.Attributes,
      structureItem(
        Tag.Attribute,
        text(Tag.VendorIdentification, "no vendor"),
        text(Tag.AttributeName, "any"),
        text(Tag.AttributeValue, "any"),
      ),
    ),
  ),
);

/** C_Initialize of the interface, or something like it. */
const pkcs11 = (stage: Stage, more: object = {}) =>
  asked(stage, Operation.PKCS_11, { pkcs11Function: PKCS_11Function.C_Initialize, ...more });

/** What goes wrong with operations on the server, the client's session and its asynchronous requests. */
export const serviceScenarios: readonly Scenario[] = [
  ...scenariosOf(Operation.Cancel, {
    InvalidAsynchronousCorrelationValue: (stage) =>
      asked(stage, Operation.Cancel, { asynchronousCorrelationValue: Buffer.alloc(3) }),
    InvalidField: (stage) => asked(stage, Operation.Cancel, emptyValue),
  }),
  ...scenariosOf(Operation.Poll, {
    InvalidAsynchronousCorrelationValue: (stage) => asked(stage, Operation.Poll, unknownValue),
    InvalidField: (stage) => asked(stage, Operation.Poll, emptyValue),
  }),
  ...scenariosOf(Operation.Process, {
    InvalidAsynchronousCorrelationValue: (stage) => asked(stage, Operation.Process, unknownValue),
    InvalidField: (stage) => asked(stage, Operation.Process, emptyValue),
  }),
  ...scenariosOf(Operation.Query, {
    UnknownObjectGroup: (stage) =>
      asked(stage, Operation.Query, {
        queryFunctions: [QueryFunction.QueryDefaultsInformation],
        objectGroups: { objectGroup: ["a group nobody made"] },
      }),
    InvalidField: (stage) =>
      asked(stage, Operation.Query, {
        queryFunctions: [QueryFunction.QueryDefaultsInformation],
        objectGroups: { objectGroup: [""] },
      }),
  }),
  ...scenariosOf(Operation.DiscoverVersions, {
    InvalidField: (stage) =>
      asked(
        stage,
        Operation.DiscoverVersions,
        payloadOf(
          structureItem(
            Tag.ProtocolVersion,
            { tag: Tag.ProtocolVersionMajor, type: ItemType.Integer, value: -1 },
            { tag: Tag.ProtocolVersionMinor, type: ItemType.Integer, value: 0 },
          ),
        ),
      ),
  }),
  ...scenariosOf(Operation.Log, {
    InvalidField: (stage) => asked(stage, Operation.Log, { logMessage: "x".repeat(5000) }),
  }),
  ...scenariosOf(Operation.Login, {
    InvalidField: (stage) => asked(stage, Operation.Login, { requestCount: 0 }),
  }),
  ...scenariosOf(Operation.DelegatedLogin, {
    InvalidField: (stage) => asked(stage, Operation.DelegatedLogin, { requestCount: 0, rights: { right: [] } }),
  }),
  ...scenariosOf(Operation.Logout, {
    InvalidTicket: (stage) =>
      asked(stage, Operation.Logout, { ticket: { ticketType: 1, ticketValue: Buffer.alloc(32, 7) } }),
    InvalidField: (stage) =>
      asked(stage, Operation.Logout, { ticket: { ticketType: 1, ticketValue: Buffer.alloc(0) } }),
  }),
  ...scenariosOf(Operation.Interop, {
    InvalidField: (stage) =>
      asked(stage, Operation.Interop, { interopFunction: InteropFunction.Begin, interopIdentifier: "" }),
  }),
  ...scenariosOf(Operation.PKCS_11, {
    InvalidAsynchronousCorrelationValue: (stage) => pkcs11(stage, { correlationValue: Buffer.alloc(3) }),
    InvalidField: (stage) => pkcs11(stage, { correlationValue: Buffer.alloc(0) }),
    PKCS_11CodecError: (stage) => pkcs11(stage, { pkcs11InputParameters: Buffer.alloc(2) }),
    PKCS_11InvalidFunction: (stage) => pkcs11(stage, { pkcs11Function: { vendor: 0x7001 } }),
    PKCS_11InvalidInterface: (stage) => pkcs11(stage, { pkcs11Interface: "none" }),
  }),
  ...scenariosOf(Operation.SetEndpointRole, {
    InvalidField: (stage) => asked(stage, Operation.SetEndpointRole, { endpointRole: 0x80000001 }),
  }),
  ...scenariosOf(Operation.SetConstraints, {
    InvalidField: (stage) => asked(stage, Operation.SetConstraints, payloadOf(strangeConstraint)),
    InvalidObjectType: (stage) =>
      asked(stage, Operation.SetConstraints, {
        constraints: { constraint: [{ objectTypes: strangeTypes, attributes: [] }] },
      }),
  }),
  ...scenariosOf(Operation.SetDefaults, {
    InvalidObjectType: (stage) =>
      asked(stage, Operation.SetDefaults, {
        defaultsInformation: {
          objectDefaults: [{ objectTypes: strangeTypes, attributes: [instance(attributes.comment, "one")] }],
        },
      }),
    InvalidField: (stage) =>
      asked(stage, Operation.SetDefaults, {
        defaultsInformation: { objectDefaults: [{ attributes: [instance(attributes.comment, "one")] }] },
      }),
  }),
];
