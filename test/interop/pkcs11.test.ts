import { pkcs11Suite } from "#conformance/interop/pkcs11/suite.js";
import { testInterop } from "#test/support/interop.js";

testInterop(pkcs11Suite);
