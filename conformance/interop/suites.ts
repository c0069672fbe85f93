import { barbicanSuite } from "./barbican/suite.js";
import { cephSuite } from "./ceph/suite.js";
import { luksSuite } from "./disk/luks-suite.js";
import { qemuImgSuite } from "./disk/qemu-img-suite.js";
import { resticSuite } from "./disk/restic-suite.js";
import { krillSuite } from "./krill/suite.js";
import { mongodbSuite } from "./mongodb/suite.js";
import { pkcs11Suite } from "./pkcs11/suite.js";
import { pykmipDemosSuite } from "./pykmip/demos.js";
import { pykmipSuite } from "./pykmip/suite.js";
import type { InteropSuite } from "./suite.js";

/** All suites, in the order in which they run. */
export const suites: readonly InteropSuite[] = [
  pykmipSuite,
  mongodbSuite,
  luksSuite,
  qemuImgSuite,
  resticSuite,
  pkcs11Suite,
  pykmipDemosSuite,
  cephSuite,
  barbicanSuite,
  krillSuite,
];
