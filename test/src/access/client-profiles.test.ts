import { readFileSync } from "node:fs";
import { test } from "tap";
import {
  behaviourOf,
  profileNames,
  profileRow,
  profileSwitches,
  specifiedBehaviour,
} from "#src/access/client-profiles.js";
import { profilesReference } from "#src/access/profiles-reference.js";

test("docs/clients/profiles.md is what the tables say (run `npm run docs`)", async (t) => {
  t.equal(readFileSync("docs/clients/profiles.md", "utf8"), profilesReference());
});

test("without a profile, and with the profile standard, no switch is on", async (t) => {
  t.notOk(Object.values(specifiedBehaviour).includes(true));
  t.strictSame(behaviourOf({}), specifiedBehaviour);
  t.strictSame(behaviourOf({ client: "standard", listener: "cascade", tenant: "edb" }), specifiedBehaviour);
});

test("the profile of a client counts before that of its listener, and that before the one of its tenant", async (t) => {
  t.ok(behaviourOf({ tenant: "edb" }).ivBeforeData);
  t.notOk(behaviourOf({ listener: "cascade", tenant: "edb" }).ivBeforeData);
  t.ok(behaviourOf({ listener: "cascade", tenant: "edb" }).ecPublicKeysRaw);
  t.ok(behaviourOf({ client: "pykmip", listener: "cascade" }).onlyAttributesPykmipReads);
});

test("every switch is turned on by a profile", async (t) => {
  const turned = new Set(profileNames.flatMap((name) => profileRow(name).switches));
  t.strictSame([...turned].sort(), Object.keys(profileSwitches).sort());
});
