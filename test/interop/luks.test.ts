import { luksSuite } from "#conformance/interop/disk/luks-suite.js";
import { testInterop } from "#test/support/interop.js";

testInterop(luksSuite);
