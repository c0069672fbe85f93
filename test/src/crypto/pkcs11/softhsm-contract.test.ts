import t from "tap";
import { startSoftHsm, unhurried } from "#test/support/softhsm.js";
import { cipherContract } from "./contract/ciphers.js";
import { confinedContract } from "./contract/confined.js";
import { custodyContract } from "./contract/custody.js";
import { hierarchyContract } from "./contract/hierarchy.js";
import { pkcs1Contract } from "./contract/pkcs1.js";
import { rootContract } from "./contract/root.js";
import { signatureContract } from "./contract/signatures.js";

const hsm = await startSoftHsm(unhurried);
t.teardown(() => hsm.close());

await cipherContract(hsm.partition);
signatureContract(hsm.partition);
pkcs1Contract(hsm.partition);
custodyContract(hsm.partition, { longestSecret: 1_048_576 });
confinedContract(hsm.partition, { wrapsAnyLength: false, shortestSha512Key: 64, cutsAgreement: false });
rootContract(hsm.partition);
hierarchyContract(hsm.partition);
