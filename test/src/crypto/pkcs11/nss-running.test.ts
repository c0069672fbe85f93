import t from "tap";
import { startNss } from "#test/support/nss.js";
import { runningContract, SOFTHSM_ONLY } from "./contract/running.js";

const nss = await startNss();
t.teardown(() => nss.close());

runningContract(nss, { gcmInParts: false });

for (const [file, reason] of Object.entries(SOFTHSM_ONLY)) {
  t.test(`${file} runs on SoftHSM only`, { skip: reason }, async (t) => {
    t.fail("it is not run here");
  });
}
