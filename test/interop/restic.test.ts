import { resticSuite } from "#conformance/interop/disk/restic-suite.js";
import { testInterop } from "#test/support/interop.js";

testInterop(resticSuite);
