import { mongodbSuite } from "./mongodb/suite.js";
import { pykmipSuite } from "./pykmip/suite.js";
import type { InteropSuite } from "./suite.js";

/** All suites, in the order in which they run. */
export const suites: readonly InteropSuite[] = [pykmipSuite, mongodbSuite];
