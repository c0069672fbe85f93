import { pykmipSuite } from "#conformance/interop/pykmip/suite.js";
import { testInterop } from "#test/support/interop.js";

testInterop(pykmipSuite);
