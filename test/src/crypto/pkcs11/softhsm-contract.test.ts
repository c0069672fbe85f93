import t from "tap";
import { startSoftHsm } from "#test/support/softhsm.js";
import { cipherContract } from "./contract/ciphers.js";
import { custodyContract } from "./contract/custody.js";
import { hierarchyContract } from "./contract/hierarchy.js";
import { rootContract } from "./contract/root.js";
import { signatureContract } from "./contract/signatures.js";

const hsm = await startSoftHsm();
t.teardown(() => hsm.close());

await cipherContract(hsm.partition);
signatureContract(hsm.partition);
custodyContract(hsm.partition, { longestSecret: 1_048_576 });
rootContract(hsm.partition);
hierarchyContract(hsm.partition);
