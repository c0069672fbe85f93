import t from "tap";
import { startNss } from "#test/support/nss.js";
import { cipherContract } from "./contract/ciphers.js";
import { confinedContract } from "./contract/confined.js";
import { custodyContract } from "./contract/custody.js";
import { hierarchyContract } from "./contract/hierarchy.js";
import { pkcs1Contract } from "./contract/pkcs1.js";
import { rootContract } from "./contract/root.js";
import { signatureContract } from "./contract/signatures.js";

const nss = await startNss();
t.teardown(() => nss.close());

await cipherContract(nss.partition);
signatureContract(nss.partition);
pkcs1Contract(nss.partition);
custodyContract(nss.partition, { longestSecret: 256 });
confinedContract(nss.partition, { wrapsAnyLength: true, shortestSha512Key: 1, cutsAgreement: false });
rootContract(nss.partition);
hierarchyContract(nss.partition);
