import { asynchronousRequestReads, asynchronousRequestWrites } from "./asynchronous-requests.js";
import { auditReads, auditWrites } from "./audit.js";
import { auditStandingReads } from "./audit-standing.js";
import { certificateAuthorityReads, certificateAuthorityWrites } from "./certificate-authorities.js";
import { clientReads, clientWrites } from "./clients.js";
import { destinationReads, destinationWrites } from "./destinations.js";
import { intentReads, intentWrites } from "./intents.js";
import { objectOwnerReads, objectOwnerWrites } from "./object-owners.js";
import { objectWalkReads } from "./object-walks.js";
import { objectReads, objectWrites } from "./objects.js";
import { nodeReads, nodeWrites, operatorReads, operatorWrites, serverStateReads, serverStateWrites } from "./server.js";
import { taskReads, taskWrites } from "./tasks.js";
import { tenantSettingReads, tenantSettingWrites } from "./tenant-settings.js";
import { tenantReads, tenantWrites } from "./tenants.js";
import { ticketReads, ticketWrites } from "./tickets.js";
import { trustedAuthorityReads, trustedAuthorityWrites } from "./trusted-authorities.js";
import { waitingCertificateReads, waitingCertificateWrites } from "./waiting-certificates.js";

/** What can be read, by repository and method. The first parameter of each is the connection. */
export const reads = {
  serverState: serverStateReads,
  nodes: nodeReads,
  tenants: tenantReads,
  tenantSettings: tenantSettingReads,
  clients: clientReads,
  objects: objectReads,
  objectOwners: objectOwnerReads,
  tickets: ticketReads,
  intents: intentReads,
  certificateAuthorities: certificateAuthorityReads,
  audit: auditReads,
  auditStanding: auditStandingReads,
  operators: operatorReads,
  asynchronousRequests: asynchronousRequestReads,
  destinations: destinationReads,
  objectWalks: objectWalkReads,
  tasks: taskReads,
  trustedAuthorities: trustedAuthorityReads,
  waitingCertificates: waitingCertificateReads,
} as const;

/** What can be changed, by repository and method. The first parameter of each is the session. */
export const writes = {
  serverState: serverStateWrites,
  nodes: nodeWrites,
  tenants: tenantWrites,
  tenantSettings: tenantSettingWrites,
  clients: clientWrites,
  objects: objectWrites,
  objectOwners: objectOwnerWrites,
  tickets: ticketWrites,
  intents: intentWrites,
  certificateAuthorities: certificateAuthorityWrites,
  audit: auditWrites,
  operators: operatorWrites,
  asynchronousRequests: asynchronousRequestWrites,
  destinations: destinationWrites,
  tasks: taskWrites,
  trustedAuthorities: trustedAuthorityWrites,
  waitingCertificates: waitingCertificateWrites,
} as const;
