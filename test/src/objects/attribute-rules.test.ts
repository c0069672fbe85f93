import t from "tap";
import { attributeDefinitions, attributes } from "#protocol/attributes/definitions.js";
import { attributeRules, ruleFor } from "#src/objects/attribute-rules.js";

t.test("every attribute of the protocol has a rule, and every rule an attribute", async (t) => {
  t.same(Object.keys(attributeRules).sort(), Object.keys(attributes).sort());
  for (const { name } of attributeDefinitions) t.not(ruleFor(name), undefined, name);
});

t.test("an attribute that clients may delete or change is one they may set", async (t) => {
  for (const [key, rule] of Object.entries(attributeRules)) {
    if (rule.deletable || rule.change !== "never") t.equal(rule.settableByClient, true, key);
  }
});

t.test("vendor attributes of clients are free, those of the server are not", async (t) => {
  t.match(ruleFor("x-Barcode"), { settableByClient: true, change: "always", deletable: true, multiple: true });
  t.match(ruleFor("acme/Rack"), { settableByClient: true, multiple: true });
  t.match(ruleFor("y-Secret"), { settableByClient: false, change: "never", deletable: false });
});

t.test("a name nobody explains has no rule", async (t) => {
  t.equal(ruleFor("Cryptographic Algoritm"), undefined);
  t.equal(ruleFor(""), undefined);
});
