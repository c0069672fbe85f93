import t from "tap";
import { CertificateRequestType, NameType, ObjectType, Operation, State } from "#protocol/enums/index.js";
import { addAttributeRequest, addAttributeResponse } from "#protocol/payloads/add-attribute.js";
import { certifyRequest } from "#protocol/payloads/certify.js";
import { createResponse } from "#protocol/payloads/create.js";
import { createSplitKeyResponse } from "#protocol/payloads/create-split-key.js";
import { deleteAttributeRequest } from "#protocol/payloads/delete-attribute.js";
import { encryptRequest } from "#protocol/payloads/encrypt.js";
import { locateResponse } from "#protocol/payloads/locate.js";
import { queryRequest, queryResponse } from "#protocol/payloads/query.js";
import { textString } from "#protocol/schema/codec.js";
import { optional, structure } from "#protocol/schema/structure.js";
import { extensionInformation, serverInformation } from "#protocol/structures/query.js";
import { Tag, tagLabel } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { V1_0, V1_2, V1_3, V1_4, V2_0, V2_1 } from "#protocol/versions.js";

function childrenOf(item: Item): readonly Item[] {
  return item.type === ItemType.Structure ? item.value : [];
}

function labelsOf(item: Item): readonly string[] {
  return childrenOf(item).map(({ tag }) => tagLabel(tag));
}

function requestOf(...value: readonly Item[]): Item {
  return { tag: Tag.RequestPayload, type: ItemType.Structure, value };
}

const state = { name: "State", value: State.Active };

t.test("the server's choice of attributes stands in answers of 1.x only", (t) => {
  const value = { objectType: ObjectType.SymmetricKey, uniqueIdentifier: "1", templateAttribute: [state] };
  const written = (version: number) => labelsOf(createResponse.encode(Tag.ResponsePayload, value, { version }));
  t.same(written(V1_4), ["ObjectType", "UniqueIdentifier", "TemplateAttribute"]);
  t.same(written(V2_0), ["ObjectType", "UniqueIdentifier"]);
  t.end();
});

t.test("Add Attribute answers with the attribute in 1.x only", (t) => {
  const value = { uniqueIdentifier: "1", attribute: state };
  const written = (version: number) => labelsOf(addAttributeResponse.encode(Tag.ResponsePayload, value, { version }));
  t.same(written(V1_4), ["UniqueIdentifier", "Attribute"]);
  t.same(written(V2_0), ["UniqueIdentifier"]);
  t.end();
});

t.test("the certificate request is called Certificate Request in 1.x and Certificate Request Value in 2.x", (t) => {
  const value = {
    certificateRequestType: CertificateRequestType.PKCS_10,
    certificateRequestValue: Buffer.from("30", "hex"),
    attributes: { attributes: [], templates: [] },
  };
  for (const [version, label] of [
    [V1_4, "CertificateRequest"],
    [V2_0, "CertificateRequestValue"],
  ] as const) {
    const item = certifyRequest.encode(Tag.RequestPayload, value, { version });
    t.same(labelsOf(item), ["CertificateRequestType", label]);
    t.same(certifyRequest.decode(item, { version }), value);
  }
  t.end();
});

t.test("the answer of Create Split Key says the Object Type in 1.2 alone", (t) => {
  const value = { objectType: ObjectType.SplitKey, uniqueIdentifiers: ["1", "2"] };
  const written = (version: number) => labelsOf(createSplitKeyResponse.encode(Tag.ResponsePayload, value, { version }));
  t.same(written(V1_2), ["ObjectType", "UniqueIdentifier", "UniqueIdentifier"]);
  t.same(written(V1_3), ["UniqueIdentifier", "UniqueIdentifier"]);
  t.end();
});

t.test("Locate tells how many objects match since 1.3", (t) => {
  const value = { locatedItems: 7, uniqueIdentifiers: ["1"] };
  const written = (version: number) => labelsOf(locateResponse.encode(Tag.ResponsePayload, value, { version }));
  t.same(written(V1_2), ["UniqueIdentifier"]);
  t.same(written(V1_3), ["LocatedItems", "UniqueIdentifier"]);
  t.end();
});

t.test("Delete Attribute names the attribute and its index in 1.x and refers to it in 2.x", (t) => {
  const value = { attributeName: "Name", attributeIndex: 2 };
  const written = (version: number) => labelsOf(deleteAttributeRequest.encode(Tag.RequestPayload, value, { version }));
  t.same(written(V1_0), ["AttributeName", "AttributeIndex"]);
  t.same(written(V2_0), ["AttributeReference"]);
  const current = { currentAttribute: { name: "Name", value: { nameValue: "k", nameType: NameType.URI } } };
  const item = deleteAttributeRequest.encode(Tag.RequestPayload, current, { version: V2_1 });
  t.same(labelsOf(item), ["CurrentAttribute"]);
  t.same(deleteAttributeRequest.decode(item, { version: V2_1 }), current);
  t.end();
});

t.test("an attribute to be added must be there, and be one", (t) => {
  const context = { version: V2_1 };
  const stateItem: Item = { tag: Tag.State, type: ItemType.Enumeration, value: State.Active };
  const added = (...value: readonly Item[]): Item => ({ tag: Tag.NewAttribute, type: ItemType.Structure, value });
  t.match(addAttributeRequest.decode(requestOf(added(stateItem)), context), { newAttribute: state });
  t.throws(() => addAttributeRequest.decode(requestOf(), context), { code: "missing-field" });
  t.throws(() => addAttributeRequest.decode(requestOf(added()), context), { code: "missing-field" });
  t.throws(() => addAttributeRequest.decode(requestOf(added(stateItem, stateItem)), context), {
    code: "repeated-field",
  });
  t.end();
});

t.test("data is bytes, or since 2.0 the data of an earlier answer", (t) => {
  const data = (item: Item) => encryptRequest.decode(requestOf(item), { version: V2_1 }).data;
  t.same(data({ tag: Tag.Data, type: ItemType.ByteString, value: Buffer.from("ab") }), Buffer.from("ab"));
  t.same(data({ tag: Tag.Data, type: ItemType.Integer, value: -1 }), { kind: "batch-item", index: -1 });
  t.same(data({ tag: Tag.Data, type: ItemType.Enumeration, value: 2 }), { kind: "placeholder", operation: 2 });
  t.throws(() => data({ tag: Tag.Data, type: ItemType.TextString, value: "ab" }), { code: "wrong-type" });
  t.end();
});

t.test("Query asks for something", (t) => {
  t.throws(() => queryRequest.decode(requestOf(), { version: V1_0 }), { code: "missing-field" });
  t.end();
});

t.test("what vendors put in Server Information is kept, and its own fields stand since 2.0", (t) => {
  const vendor: Item = { tag: 0x540002, type: ItemType.TextString, value: "rack 4" };
  const value = { serverName: "k1", alternateFailoverEndpoints: [], vendorSpecific: [vendor] };
  const older = serverInformation.encode(Tag.ServerInformation, value, { version: V1_4 });
  t.same(childrenOf(older), [vendor]);
  const newer = serverInformation.encode(Tag.ServerInformation, value, { version: V2_0 });
  t.same(labelsOf(newer), ["ServerName", "0x540002"]);
  t.same(serverInformation.decode(newer, { version: V2_0 }), value);
  t.end();
});

t.test("the type of an extension is an Integer in 1.x and an Enumeration in 2.x", (t) => {
  const value = { extensionName: "rack", extensionTag: 0x540002, extensionType: ItemType.TextString };
  for (const [version, type] of [
    [V1_4, ItemType.Integer],
    [V2_0, ItemType.Enumeration],
  ] as const) {
    const item = extensionInformation.encode(Tag.ExtensionInformation, value, { version });
    t.match(childrenOf(item)[2], { tag: Tag.ExtensionType, type, value: ItemType.TextString });
    t.same(extensionInformation.decode(item, { version }), value);
  }
  t.end();
});

t.test("an answer to Query leaves out the structures that its version has not", (t) => {
  const value = {
    operations: [Operation.Get],
    objectTypes: [],
    applicationNamespaces: [],
    extensionInformation: [],
    attestationTypes: [1],
    rngParameters: [{ rngAlgorithm: 1 }],
    profileInformation: [],
    validationInformation: [],
    capabilityInformation: [],
    clientRegistrationMethods: [],
    protectionStorageMasks: { protectionStorageMask: [1] },
  };
  const written = (version: number) => labelsOf(queryResponse.encode(Tag.ResponsePayload, value, { version }));
  t.same(written(V1_0), ["Operation"]);
  t.same(written(V1_2), ["Operation", "AttestationType"]);
  t.same(written(V1_3), ["Operation", "AttestationType", "RNGParameters"]);
  t.same(written(V2_0), ["Operation", "AttestationType", "RNGParameters", "ProtectionStorageMasks"]);
  t.end();
});

t.test("a structure cannot be declared with two fields of one tag", (t) => {
  const fields = { one: optional(Tag.Comment, textString), other: optional(Tag.Comment, textString) };
  t.throws(() => structure("Broken", fields), TypeError);
  t.end();
});
