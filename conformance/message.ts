import { enumerationName, OperationTable } from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { leafText } from "./bindings.js";
import { compare, type Difference, describeItem } from "./comparator.js";
import type { ExpectedItem } from "./expected.js";
import { fields, operationOf, type RunState } from "./run-state.js";
import { type BatchScope, Scope } from "./scope.js";

function batchScope(asked: Item | undefined, answered: Item, run: RunState): BatchScope {
  const operation = operationOf(asked) ?? operationOf(answered);
  const [payload] = fields(answered, Tag.ResponsePayload);
  const [object] = fields(payload, Tag.UniqueIdentifier);
  return {
    operation: operation === undefined ? undefined : enumerationName(OperationTable, operation),
    conditions: run.conditions(asked, answered),
    object: object === undefined ? undefined : leafText(object),
  };
}

/** Compares a response message with what is expected as the answer to `request`. Gives every difference, in order. */
export function compareMessage(
  expected: ExpectedItem,
  answer: Item,
  request: Item,
  run: RunState,
): readonly Difference[] {
  const scope = Scope.ofMessage(answer, run);
  if (answer.type !== ItemType.Structure || answer.tag !== expected.item.tag) {
    return [{ path: scope.path, expected: describeItem(expected.item), actual: describeItem(answer) }];
  }
  const asked = fields(request, Tag.BatchItem);
  let index = 0;
  const differences: Difference[] = [];
  for (let position = 0; position < Math.max(expected.children.length, answer.value.length); position += 1) {
    const wanted = expected.children[position];
    const answered = answer.value[position];
    if (answered?.tag === Tag.BatchItem) {
      const item = asked[index];
      const inner = scope.ofBatchItem(index, batchScope(item, answered, run));
      const found = wanted === undefined ? [surplus(inner, answered)] : compare(wanted, answered, inner);
      differences.push(...found.map((difference) => withFailure(difference, answered)));
      run.noteAnswer(item, answered);
      index += 1;
    } else if (wanted === undefined || answered === undefined) {
      const present = wanted?.item ?? answered;
      differences.push({
        path: present === undefined ? scope.path : scope.child(present).path,
        expected: wanted === undefined ? "nothing" : describeItem(wanted.item),
        actual: describeItem(answered),
      });
    } else {
      differences.push(...compare(wanted, answered, scope.child(wanted.item)));
    }
  }
  run.bindings.remember(answer);
  return differences;
}

/** Adds to a difference in the outcome what the server says of the failure. */
function withFailure(difference: Difference, answered: Item): Difference {
  if (!difference.path.endsWith("/ResultStatus")) return difference;
  const told = [Tag.ResultReason, Tag.ResultMessage].flatMap((tag) => fields(answered, tag)).map(describeItem);
  return { ...difference, actual: [difference.actual, ...told].join(", ") };
}

function surplus(scope: Scope, answered: Item): Difference {
  return { path: scope.path, expected: "nothing", actual: describeItem(answered) };
}
