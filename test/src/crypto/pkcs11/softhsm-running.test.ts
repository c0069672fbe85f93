import t from "tap";
import { startSoftHsm } from "#test/support/softhsm.js";
import { runningContract } from "./contract/running.js";

const hsm = await startSoftHsm();
t.teardown(() => hsm.close());

runningContract(hsm, { gcmInParts: true });
