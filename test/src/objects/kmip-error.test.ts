import t from "tap";
import { isKnownIn, ResultReason, ResultReasonTable } from "#protocol/enums/index.js";
import { formatVersion, supportedVersions, V1_2, V2_0, V2_1 } from "#protocol/versions.js";
import { KmipError, type ReasonName, reasonFor } from "#src/objects/kmip-error.js";

const names = Object.keys(ResultReason) as ReasonName[];

t.test("every reason is told in a value that the version knows", async (t) => {
  for (const version of supportedVersions) {
    const unknown = names.filter((name) => !isKnownIn(ResultReasonTable, reasonFor(name, version), version));
    t.same(unknown, [], formatVersion(version));
  }
});

t.test("2.1 hears the precise reason, older versions the one of their error tables", async (t) => {
  const error = new KmipError("WrongKeyLifecycleState", "the object is Active");
  t.equal(error.reasonFor(V2_1), ResultReason.WrongKeyLifecycleState);
  t.equal(error.reasonFor(V2_0), ResultReason.PermissionDenied);
  t.equal(error.reasonFor(V1_2), ResultReason.PermissionDenied);
});

t.test("2.0 hears the precise reasons of its own tables", async (t) => {
  t.equal(reasonFor("AttributeReadOnly", V2_0), ResultReason.AttributeReadOnly);
  t.equal(reasonFor("ItemNotFound", V2_0), ResultReason.ObjectNotFound);
  t.equal(reasonFor("ConstraintViolation", V2_0), ResultReason.PermissionDenied, "which came with 2.1");
});

t.test("an operation's own tables come first", async (t) => {
  const error = new KmipError("ItemNotFound", "there is no such object");
  const own = {
    oneXReasons: { ItemNotFound: "InvalidField" },
    twoXReasons: { ObjectNotFound: "ItemNotFound" },
  } as const;
  t.equal(error.reasonFor(V2_1, own), ResultReason.ItemNotFound);
  t.equal(error.reasonFor(V2_0, own), ResultReason.ItemNotFound);
  t.equal(error.reasonFor(V1_2, own), ResultReason.InvalidField);
});

t.test("an object that is not there is Item Not Found to old clients and Object Not Found to new ones", async (t) => {
  t.equal(reasonFor("ItemNotFound", V1_2), ResultReason.ItemNotFound);
  t.equal(reasonFor("ItemNotFound", V2_1), ResultReason.ObjectNotFound);
});
