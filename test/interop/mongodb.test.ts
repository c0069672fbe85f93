import { mongodbSuite } from "#conformance/interop/mongodb/suite.js";
import { testInterop } from "#test/support/interop.js";

testInterop(mongodbSuite);
