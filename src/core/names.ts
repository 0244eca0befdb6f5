// What a name is. A service and a namespace are RFC 1123 labels, as Kubernetes has them
// (https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names);
// an endpoint is named like a port, https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports.

const LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const LONGEST_LABEL = 63;
const LONGEST_ENDPOINT = 15;

/** The endpoint that is meant when none is named. It is never spelt in a key. */
export const DEFAULT_ENDPOINT = 'default';

/** Namespaces that would read as file endings: `my-rest.json` is a document. */
const RESERVED_NAMESPACES: ReadonlySet<string> = new Set(['json', 'yaml', 'yml']);

export const SERVICE_WANTED =
  'a service name is 1 to 63 of a-z, 0-9 and "-", no "-" at an end, and does not start with "xn--"';
export const NAMESPACE_WANTED =
  'a namespace is 1 to 63 of a-z, 0-9 and "-", no "-" at an end, does not start with "xn--", and is none of json, yaml, yml';
export const ENDPOINT_WANTED =
  'an endpoint name is 1 to 15 of a-z, 0-9 and "-", no "-" at an end, and does not start with "xn--"';

/** An RFC 1123 label that is no punycode. The length is looked at first: the pattern never sees a long text. */
export function isLabel(text: string): boolean {
  return text.length <= LONGEST_LABEL && LABEL.test(text) && !text.startsWith('xn--');
}

export function isServiceName(text: string): boolean {
  return isLabel(text);
}

export function isNamespace(text: string): boolean {
  return isLabel(text) && !RESERVED_NAMESPACES.has(text);
}

/** A name that a caller may ask for: a port name, or `default`. */
export function isEndpoint(text: string): boolean {
  return text.length <= LONGEST_ENDPOINT && isLabel(text);
}
