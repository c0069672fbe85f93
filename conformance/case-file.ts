import { readFileSync } from "node:fs";
import { itemFromElement } from "#protocol/encodings/xml.js";
import { parseXmlElements, type XmlElement } from "#protocol/encodings/xml-elements.js";
import { tagNamed } from "#protocol/tags.js";
import type { Item } from "#protocol/ttlv/item.js";
import type { Bindings } from "./bindings.js";
import type { ExpectedItem } from "./expected.js";

/** One request of a case and the answer it expects. */
export interface CaseStep {
  /** Who sends: "Client-A" unless the case says otherwise. */
  readonly client: string;
  /** The server sends this request to the client (Notify, Put). */
  readonly fromServer: boolean;
  /** The request is repeated until the answer is no longer pending. */
  readonly repeated: boolean;
  readonly request: XmlElement;
  readonly response: XmlElement | undefined;
}

/** The file is not a case. */
export class CaseFileError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "CaseFileError";
  }
}

const placeholder = /^\$[A-Z][A-Z0-9_]*(?:[+-]\d+)?$/;

/** What stands for an unknown value until it is known, so that the element still reads as its type. */
const neutralValues: Readonly<Record<string, string>> = {
  DateTime: "1970-01-01T00:00:00+00:00",
  TextString: "",
  ByteString: "",
};

/** A whole case in one file is larger than one message may be. */
const fileLimits = { maximumBytes: 64 * 1024 * 1024, maximumItems: 1_000_000 };

/** Whether a request asks what only servers ask of clients; the later editions of the cases do not mark it. */
function asksOnlyClients(request: XmlElement): boolean {
  const operations = request.children.flatMap(({ children }) => children.filter(({ name }) => name === "Operation"));
  return operations.some(({ attributes }) => attributes["value"] === "Put" || attributes["value"] === "Notify");
}

/** Reads the steps of a case, in the order in which they are played. Throws CaseFileError and EncodingError. */
export function readCaseFile(path: string): readonly CaseStep[] {
  const messages = parseXmlElements(readFileSync(path, "utf8"), fileLimits);
  const steps: CaseStep[] = [];
  for (let index = 0; index < messages.length; index += 1) {
    const request = messages[index];
    if (request?.name !== "RequestMessage") throw new CaseFileError("an answer stands without a request");
    const next = messages[index + 1];
    const response = next?.name === "ResponseMessage" ? next : undefined;
    if (response !== undefined) index += 1;
    steps.push({
      client: /\[(Client-[A-Z])\]/.exec(request.textBefore)?.[1] ?? "Client-A",
      fromServer: request.textBefore.includes("[Server-to-Client]") || asksOnlyClients(request),
      repeated: request.textBefore.includes("[REPEAT]"),
      request,
      response,
    });
  }
  return steps;
}

/** Names, masks and messages of cases cut from typeset pages carry runs of spaces. */
function collapsed(element: XmlElement, value: string): string {
  const isName = element.name === "AttributeName";
  const isMask = element.attributes["type"] === "Integer";
  return isName || isMask ? value.trim().replace(/\s+/g, " ") : value;
}

function withValues(element: XmlElement, replaced: (element: XmlElement, value: string) => string): XmlElement {
  const { value } = element.attributes;
  return {
    ...element,
    text: "",
    attributes:
      value === undefined
        ? element.attributes
        : { ...element.attributes, value: replaced(element, collapsed(element, value)) },
    children: element.children.map((child) => withValues(child, replaced)),
  };
}

/** The message to send: every placeholder replaced by what it stands for. Throws CaseFileError where that is unknown. */
export function requestItem(step: CaseStep, bindings: Bindings): Item {
  return itemFromElement(
    withValues(step.request, (element, value) => {
      if (!placeholder.test(value)) return value;
      const resolved = bindings.resolve(value, tagNamed(element.name));
      if (resolved === undefined) throw new CaseFileError(`no answer gave a value for ${value}`);
      return resolved;
    }),
  );
}

/** The answer that a client of the case gives to a request of the server. Throws CaseFileError as requestItem does. */
export function answerItem(step: CaseStep, response: XmlElement, bindings: Bindings): Item {
  return requestItem({ ...step, request: response }, bindings);
}

/** The answer a case expects, or the request it expects of a server. */
export function expectedItem(response: XmlElement): ExpectedItem {
  const item = itemFromElement(
    withValues(response, (element, value) =>
      placeholder.test(value) ? (neutralValues[element.attributes["type"] ?? ""] ?? "0") : value,
    ),
  );
  return annotate(item, response);
}

function annotate(item: Item, element: XmlElement): ExpectedItem {
  const value = element.attributes["value"];
  const children = Array.isArray(item.value)
    ? (item.value as readonly Item[]).flatMap((child, index) => {
        const source = element.children[index];
        return source === undefined ? [] : [annotate(child, source)];
      })
    : [];
  return { item, children, placeholder: value !== undefined && placeholder.test(value) ? value : undefined };
}
