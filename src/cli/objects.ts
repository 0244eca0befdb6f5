// Kubernetes objects, as `kubectl get … -o json` prints them: one, a list of them, or several outputs one after the other.

import { quote } from '../core/quote.ts';
import { Failure } from './terminal.ts';

/** The parts of an object that are looked at here. */
export interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string | undefined };
  readonly data?: unknown;
  readonly binaryData?: unknown;
  readonly spec?: unknown;
}

/** @throws {Failure} for what is no such output; `place` says where it came from */
export function parseObjects(text: string, place: string): KubernetesObject[] {
  if (text.trim() === '') throw new Failure(`${place} is empty; want what kubectl get … -o json prints.`);
  return splitDocuments(text).flatMap((document) => objectsOf(parse(document, place), place));
}

/** All objects of a kind; `name` if only one is meant. @throws {Failure} when there is none */
export function pick(
  objects: readonly KubernetesObject[],
  kind: string,
  place: string,
  name?: string,
): KubernetesObject[] {
  const found = objects.filter(
    (object) => object.kind === kind && (name === undefined || object.metadata.name === name),
  );
  if (found.length > 0) return found;
  const wanted = name === undefined ? `a ${kind}` : `the ${kind} ${name}`;
  const others = [...new Set(objects.map((object) => `${object.kind} ${object.metadata.name}`))].slice(0, 3).join(', ');
  throw new Failure(
    `${place} has no ${kind}${name === undefined ? '' : ` ${name}`}; want ${wanted}${others === '' ? '' : `, found ${others}`}.`,
  );
}

function parse(document: string, place: string): unknown {
  try {
    return JSON.parse(document) as unknown;
  } catch (error) {
    throw new Failure(`${place} is no JSON: ${(error as Error).message}. Want what kubectl get … -o json prints.`);
  }
}

/** A list of lists is what nobody prints. */
const DEEPEST = 3;

function objectsOf(value: unknown, place: string, depth = 0): KubernetesObject[] {
  const { kind, items, metadata } = asRecord(value);
  // What is left out of a list would look as if it were gone.
  if (typeof asRecord(metadata)['continue'] === 'string' && asRecord(metadata)['continue'] !== '')
    throw new Failure(`${place} has a part of a list only; want all of it: kubectl get … -o json without --limit.`);
  if (typeof kind !== 'string')
    throw new Failure(`${place} is no Kubernetes object: it has no kind. Want what kubectl get … -o json prints.`);
  // A `List`, or a `ServiceList`, whose items may leave their kind out.
  if (kind.endsWith('List') && Array.isArray(items)) {
    const one = kind.slice(0, -'List'.length);
    if (depth >= DEEPEST) throw new Failure(`${place} has lists within lists. Want what kubectl get … -o json prints.`);
    return items.flatMap((item: unknown) => objectsOf({ kind: one, ...asRecord(item) }, place, depth + 1));
  }
  const { name, namespace } = asRecord(metadata);
  if (typeof name !== 'string') throw new Failure(`${place} has a ${quote(kind)} without metadata.name.`);
  const { data, binaryData, spec } = asRecord(value);
  const at = typeof namespace === 'string' ? namespace : undefined;
  return [{ kind, metadata: { name, namespace: at }, data, binaryData, spec }];
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

/** Outputs that follow each other: each is a whole object, from its first bracket to the one that closes it. */
function splitDocuments(text: string): string[] {
  const documents: string[] = [];
  let depth = 0;
  let start = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (inString) {
      if (character === '\\') index += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') {
      depth -= 1;
      if (depth === 0) {
        documents.push(text.slice(start, index + 1));
        start = index + 1;
      }
    }
  }
  const rest = text.slice(start);
  return rest.trim() === '' ? documents : [...documents, rest];
}
