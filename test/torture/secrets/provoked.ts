import { randomBytes, randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { jsonEncoding, xmlEncoding } from "#protocol/encodings/message-encoding.js";
import {
  BlockCipherMode,
  CredentialType,
  CryptographicAlgorithm,
  KeyFormatType,
  KeyWrapType,
  ObjectType,
  Operation,
  PaddingMethod,
  ResultStatus,
  WrappingMethod,
} from "#protocol/enums/index.js";
import { credential } from "#protocol/messages/header.js";
import { Tag } from "#protocol/tags.js";
import { encodeItem } from "#protocol/ttlv/writer.js";
import { V2_1 } from "#protocol/versions.js";
import { ParameterWriter } from "#src/operations/cryptoki/parameters.js";
import { CryptokiClient, writeTemplate } from "#test/support/cryptoki.js";
import { KmipHttpClient } from "#test/support/http-client.js";
import { actionsOf, registeredAesKey } from "#test/support/kmip-actions.js";
import type { KmipClient } from "#test/support/kmip-client.js";
import {
  type Asked,
  ask,
  askAll,
  named,
  requestMessageItem,
  structureItem,
} from "#test/support/kmip-client-messages.js";
import { operatorOf } from "#test/support/operator.js";
import { clientFolder, connectTo, readIdentity, runKeyreeve, type TestServer } from "#test/support/server.js";
import type { Mark } from "./forms.js";
import { workersOf } from "./places.js";

/** An Import of a key that names a wrapping key nobody has. */
function importing(mark: Mark): Asked {
  const encryptionKeyInformation = {
    uniqueIdentifier: randomUUID(),
    cryptographicParameters: { blockCipherMode: BlockCipherMode.NISTKeyWrap },
  };
  const keyBlock = {
    keyFormatType: KeyFormatType.Raw,
    keyValue: mark.secret(40),
    cryptographicAlgorithm: CryptographicAlgorithm.AES,
    cryptographicLength: 256,
    keyWrappingData: { wrappingMethod: WrappingMethod.Encrypt, encryptionKeyInformation },
  };
  const payload = { uniqueIdentifier: randomUUID(), objectType: ObjectType.SymmetricKey, attributes: [] };
  const more = { keyWrapType: KeyWrapType.NotWrapped, symmetricKey: { keyBlock } };
  return { operation: Operation.Import, payload: { ...payload, ...more } };
}

/** Requests that are refused, with secrets in every place where a refusal might repeat them. */
function refusedRequests(mark: Mark): readonly Asked[] {
  const { AES, EC } = CryptographicAlgorithm;
  const block = (
    keyMaterial: unknown,
    keyFormatType: number,
    cryptographicLength = 128,
    cryptographicAlgorithm: number = AES,
  ) => ({
    keyBlock: { keyFormatType, keyValue: { keyMaterial }, cryptographicAlgorithm, cryptographicLength },
  });
  const register = (objectType: number, field: string, object: object): Asked => ({
    operation: Operation.Register,
    payload: { objectType, attributes: { attributes: [], templates: [] }, [field]: object },
  });
  return [
    register(ObjectType.SymmetricKey, "symmetricKey", block(mark.secret(32), KeyFormatType.Raw)),
    register(ObjectType.SymmetricKey, "symmetricKey", block(mark.secret(31), KeyFormatType.Raw, 248)),
    register(ObjectType.PrivateKey, "privateKey", block(mark.secret(120), KeyFormatType.PKCS_8, 256, EC)),
    register(
      ObjectType.PrivateKey,
      "privateKey",
      block(mark.secret(120), KeyFormatType.PKCS_1, 2048, CryptographicAlgorithm.RSA),
    ),
    register(
      ObjectType.PrivateKey,
      "privateKey",
      block(
        { d: BigInt(`0x${mark.secret(64).toString("hex")}`), recommendedCurve: 6 },
        KeyFormatType.TransparentECPrivateKey,
        256,
        EC,
      ),
    ),
    register(ObjectType.SecretData, "privateKey", block(mark.secret(32), KeyFormatType.Raw)),
    importing(mark),
    { operation: Operation.MAC, payload: { uniqueIdentifier: named(randomUUID()), data: mark.secret(64) } },
    {
      operation: Operation.Decrypt,
      payload: {
        uniqueIdentifier: named(randomUUID()),
        cryptographicParameters: { blockCipherMode: BlockCipherMode.CBC, paddingMethod: PaddingMethod.PKCS5 },
        ivCounterNonce: mark.secret(16),
        data: mark.secret(64),
      },
    },
  ];
}

/** Credentials in the header, right and wrong, and where none is expected. */
function header(username: string, password: string) {
  const value = { credentialType: CredentialType.UsernameAndPassword, credentialValue: { username, password } };
  return structureItem(Tag.Authentication, credential.encode(Tag.Credential, value, { version: V2_1 }));
}

/** Asks what is refused, and what is cut off in the middle, over TTLV, XML and JSON. Gives how many were refused. */
export async function askWhatIsRefused(server: TestServer, mark: Mark): Promise<number> {
  const client = await connectTo(server);
  const requests = refusedRequests(mark);
  let refused = 0;
  for (const asked of requests) {
    const { status } = await ask(client, V2_1, asked);
    if (status !== ResultStatus.Success) refused += 1;
  }
  await askAll(
    client,
    V2_1,
    [{ operation: Operation.Query, payload: { queryFunctions: [1] } }],
    [header("nobody", mark.text)],
  );
  await client.close();
  const good = { operation: Operation.Register, payload: registeredAesKey(mark.secret(32)) };
  const message = requestMessageItem(V2_1, [good]);
  await cutOff(server, encodeItem(message));
  const identity = readIdentity(clientFolder(server.home));
  for (const encoding of [xmlEncoding, jsonEncoding]) {
    const http = new KmipHttpClient(server.httpsPort, identity, encoding);
    const text = encoding.write(message);
    for (const body of [text, text.subarray(0, Math.floor(text.length * 0.7))]) await http.ask({ body });
    await http.close();
  }
  return refused;
}

/** A message with a wrong length inside, and one whose end never comes. */
async function cutOff(server: TestServer, bytes: Buffer): Promise<void> {
  const broken = Buffer.from(bytes);
  broken.writeUInt32BE(bytes.length * 2, 12);
  for (const sent of [broken, bytes.subarray(0, bytes.length - 9)]) {
    const client = await connectTo(server);
    client.send(sent);
    await pause(50);
    await client.close();
  }
}

/** Secrets over the other ways in: PKCS#11, the command line, the administration. */
export async function useOtherWays(server: TestServer, folder: string, mark: Mark): Promise<void> {
  const client = await connectTo(server);
  const cryptoki = await CryptokiClient.initialise(client);
  const session = await cryptoki.openSession();
  const pin = Buffer.from(mark.text);
  await cryptoki.call("C_Login", new ParameterWriter().ulong(session).ulong(1).counted(pin));
  const template = { CLASS: 4, KEY_TYPE: 0x1f, VALUE: mark.secret(32), ENCRYPT: true };
  await cryptoki.call("C_CreateObject", writeTemplate(new ParameterWriter().ulong(session), template));
  await client.close();
  const file = join(folder, "value");
  writeFileSync(file, mark.text);
  const environment = { KEYREEVE_SERVER: `localhost:${server.kmipPort}`, KEYREEVE_IDENTITY: clientFolder(server.home) };
  const stored = await runKeyreeve(
    server.home,
    ["secret", "put", `s-${randomBytes(4).toString("hex")}`, "--file", file],
    environment,
  );
  if (stored.code !== 0) throw new Error(stored.stderr);
  const name = `c-${randomBytes(4).toString("hex")}`;
  const identity = readIdentity(await server.administration.issueClient("demo", name));
  await server.administration.setCredential(
    JSON.stringify({ tenant: "demo", client: name, username: name, password: mark.text }),
  );
  const shown = await connectTo(server, { identity });
  const query = [{ operation: Operation.Query, payload: { queryFunctions: [1] } }];
  for (const password of [mark.text, `${mark.text} and more`])
    await askAll(shown, V2_1, query, [header(name, password)]);
  await shown.close();
  const operator = operatorOf(server);
  const token = { label: "no such token", pin: mark.text };
  const bound = await operator.createTenant({ name: `t-${name}`, token }).then(
    () => true,
    () => false,
  );
  operator.close();
  if (bound) throw new Error("a tenant was bound to a token that is not there");
}

/** Registers while something fails beneath; what comes of it does not matter. Gives how many requests failed. */
export async function registerUnderFault(
  server: TestServer,
  mark: Mark,
  fault: () => Promise<() => Promise<void>>,
): Promise<number> {
  const client: KmipClient = await connectTo(server, { answerWithin: 60_000 });
  const { act } = actionsOf(client, V2_1);
  let failed = 0;
  const registering = (async () => {
    for (let time = 0; time < 20; time += 1) {
      const payload = registeredAesKey(mark.secret(32)) as object;
      await act(Operation.Register, undefined, payload).catch(() => {
        failed += 1;
      });
    }
  })();
  const mend = await fault();
  await pause(300);
  await mend();
  await registering;
  await client.close();
  await untilServing(server);
  return failed;
}

/** Waits until a key is made in the token again: after a fault a partition is tried with growing pauses. */
async function untilServing(server: TestServer): Promise<void> {
  const giveUpAt = Date.now() + 60_000;
  for (;;) {
    const client = await connectTo(server, { answerWithin: 60_000 });
    try {
      await actionsOf(client, V2_1).create();
      return;
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
      await pause(250);
    } finally {
      await client.close();
    }
  }
}

/** Ends the HSM workers of a server without warning. */
export async function killWorkers(server: TestServer): Promise<() => Promise<void>> {
  for (const worker of workersOf(server.process.pid ?? 0)) process.kill(worker, "SIGKILL");
  return async () => undefined;
}
