import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { attributes } from "#protocol/attributes/definitions.js";
import {
  BatchErrorContinuationOption,
  CryptographicAlgorithm,
  CryptographicUsageMask,
  Operation,
  ResultReason,
  ResultStatus,
} from "#protocol/enums/index.js";
import { Tag } from "#protocol/tags.js";
import { type Item, ItemType } from "#protocol/ttlv/item.js";
import { V2_1 } from "#protocol/versions.js";
import { instance, requested } from "#test/support/kmip-actions.js";
import { type Asked, askAll } from "#test/support/kmip-client-messages.js";
import { connectTo, startedHome, startTestServer } from "#test/support/server.js";

t.setTimeout(550_000);

t.test("items that have not begun when the time for one request is used up are refused", async (t) => {
  const home = startedHome();
  writeFileSync(join(home, "keyreeve.yaml"), "kmip:\n  limits:\n    requestSeconds: 1\n");
  const server = await startTestServer({ home });
  t.teardown(() => server.stop());
  const client = await connectTo(server);
  t.teardown(() => client.close());
  const commonAttributes = requested(
    instance(attributes.cryptographicAlgorithm, CryptographicAlgorithm.RSA),
    instance(attributes.cryptographicLength, 3072),
    instance(attributes.cryptographicUsageMask, CryptographicUsageMask.Sign),
  );
  const pair: Asked = { operation: Operation.CreateKeyPair, payload: { commonAttributes } };
  const goOn: Item = {
    tag: Tag.BatchErrorContinuationOption,
    type: ItemType.Enumeration,
    value: BatchErrorContinuationOption.Continue,
  };
  const answers = await askAll(client, V2_1, new Array<Asked>(40).fill(pair), [goOn]);
  t.equal(answers[0]?.status, ResultStatus.Success);
  t.equal(answers.at(-1)?.reason, ResultReason.ServerLimitExceeded);
});
