import { ObjectTypeTable } from "#protocol/enums/objects.js";
import { enumerationName } from "#protocol/enums/table.js";
import { formatVersion, inSpan, supportedVersions, type VersionSpan } from "#protocol/versions.js";
import type { Operation } from "./contract/operation.js";
import { operations } from "./index.js";

const introduction = `# Operations

<!-- Generated from src/operations/index.ts by \`npm run docs\`; edit the operations, not this page. -->

Everything a client can ask. *Versions* are those of the requests in which the operation is served; in others it answers
\`OperationNotSupported\`. *Permission* is what the tenant's policy is asked for. *Works on* says which objects it takes,
and *use* the key's state that it needs: see [lifecycle](lifecycle.md). *Leaves the object* means that it sets the ID
placeholder for the items behind it in a batch.

| Operation | Versions | Permission | Works on | Use | Destroyed objects | Leaves the object |
| --- | --- | --- | --- | --- | --- | --- |`;

function versionsOf(span: VersionSpan): string {
  const served = supportedVersions.filter((version) => inSpan(span, version)).map(formatVersion);
  return served.length === supportedVersions.length ? "all" : `${served.at(-1)} to ${served[0]}`;
}

function objectsOf({ target }: Operation): string {
  if (target === undefined) return "–";
  if (target.objectTypes === undefined) return "any object";
  return [...target.objectTypes].map((type) => enumerationName(ObjectTypeTable, type) ?? String(type)).join(", ");
}

/** The reference of operations, as Markdown: of all there are where none are given. */
export function operationsReference(listed: readonly Operation[] = operations): string {
  const rows = listed.map((operation) => {
    const { name, versions, permission, target, placeholder } = operation;
    const cells = [
      name,
      versionsOf(versions),
      permission,
      objectsOf(operation),
      target?.use?.kind ?? "–",
      target?.destroyedAllowed === true ? "yes" : "no",
      placeholder === undefined ? "no" : "yes",
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return [introduction, ...rows, ""].join("\n");
}
