import pkcs11js from "pkcs11js";
import t from "tap";
import { profileFor } from "#src/crypto/pkcs11/profiles/choosing.js";
import { type Profile, ProfileError, parseProfile } from "#src/crypto/pkcs11/profiles/profile.js";
import { STANDARD } from "#src/crypto/pkcs11/profiles/quirks.js";
import { requirementsOf, unmetRequirements } from "#src/crypto/pkcs11/profiles/requirements.js";
import { SHIPPED } from "#src/crypto/pkcs11/profiles/shipped.js";

const own: Profile = {
  format: "keyreeve-hsm-profile",
  version: 1,
  name: "ours",
  manufacturer: "Any Vendor",
  libraryVersions: ["7.2"],
  quirks: { ...STANDARD, refusesEmptyPart: true },
};

t.test("a profile reads back as it was written, without what a probe found beside it", async (t) => {
  for (const profile of [own, ...SHIPPED]) {
    t.same(parseProfile(JSON.stringify({ ...profile, findings: { sessions: 5 } })), profile);
  }
});

t.test("what is no profile is refused with the field that is wrong", async (t) => {
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [[], /a profile is to be an object/],
    [{ ...own, format: "other" }, /format/],
    [{ ...own, version: 2 }, /probe the module anew/],
    [{ ...own, name: "" }, /name is to be text/],
    [{ ...own, libraryVersions: [7] }, /libraryVersions/],
    [{ ...own, quirks: { ...own.quirks, padsWithZeros: "yes" } }, /quirks.padsWithZeros is to be a boolean/],
    [{ ...own, quirks: { ...own.quirks, longestSecret: null } }, /quirks.longestSecret is to be a number/],
    [{ ...own, quirks: { ...own.quirks, gcmParameters: "3.0" } }, /one of v2.40, older/],
    [{ ...own, quirks: { ...own.quirks, spelled: true } }, /no quirk spelled/],
  ];
  for (const [content, message] of cases) t.throws(() => parseProfile(JSON.stringify(content)), { message });
  t.throws(() => parseProfile("{"), ProfileError);
});

t.test("the operator's profile counts for its module and version only, then those that are shipped", async (t) => {
  const library = { manufacturer: "Any Vendor  ", libraryVersion: "7.2" };
  t.equal(profileFor(library, own).name, "ours");
  t.equal(profileFor({ ...library, libraryVersion: "7.3" }, own).name, "standard");
  t.equal(profileFor({ manufacturer: "SoftHSM", libraryVersion: "2.6" }, own).name, "softhsm");
  t.equal(profileFor({ manufacturer: "Mozilla Foundation", libraryVersion: "3.87" }).name, "nss");
  t.equal(profileFor({ manufacturer: "Nobody", libraryVersion: "1.0" }).name, "standard");
});

t.test("what a module lacks is told with what it is needed for", async (t) => {
  const all = () => 0xffffffff;
  t.same(unmetRequirements(STANDARD, true, all), []);
  const noGcm = (mechanism: number) => (mechanism === pkcs11js.CKM_AES_GCM ? null : 0xffffffff);
  t.same(unmetRequirements(STANDARD, false, noGcm), [], "a tenant does without");
  t.match(unmetRequirements(STANDARD, true, noGcm), [{ name: "CKM_AES_GCM", purpose: /PINs/ }]);
  const wrapsOnly = (mechanism: number) =>
    mechanism === STANDARD.paddedWrapMechanism ? pkcs11js.CKF_WRAP : 0xffffffff;
  t.match(unmetRequirements(STANDARD, false, wrapsOnly), [{ purpose: /wrapped/ }]);
  t.match(unmetRequirements({ ...STANDARD, paddedWrapMechanism: null }, false, all), [{ purpose: /wrapped/ }]);
  t.ok(requirementsOf(STANDARD, true).length > requirementsOf(STANDARD, false).length);
});
