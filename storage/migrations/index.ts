import { foundation } from "./0001-foundation.js";
import { auditIsImmutable } from "./0002-audit-is-immutable.js";
import { asynchronousRequests } from "./0003-asynchronous-requests.js";
import { tenantSettings } from "./0004-tenant-settings.js";
import { destinations } from "./0006-destinations.js";
import { certificateAuthorities } from "./0007-certificate-authorities.js";
import { rotation } from "./0012-rotation.js";
import { tasks } from "./0013-tasks.js";
import { indexStatistics } from "./0015-index-statistics.js";
import { auditChanges } from "./0016-audit-changes.js";
import { oneOpenTask } from "./0017-one-open-task.js";
import { firstContact } from "./0018-first-contact.js";
import { repairs } from "./0021-repairs.js";
import type { Migration } from "./migration.js";

/** All migrations, oldest first. */
export const migrations: readonly Migration[] = [
  foundation,
  auditIsImmutable,
  asynchronousRequests,
  tenantSettings,
  destinations,
  certificateAuthorities,
  rotation,
  tasks,
  indexStatistics,
  auditChanges,
  oneOpenTask,
  firstContact,
  repairs,
];
