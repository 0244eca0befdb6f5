// A JSON or YAML document, flat or nested, or a Kubernetes ConfigMap manifest, as the keys of a mounted folder.

import type * as Zod from 'zod/mini';

import { entryKey } from '../keys.ts';
import { DEFAULT_ENDPOINT, isServiceName, SERVICE_WANTED } from '../names.ts';
import { isVariant, ownOf } from '../own.ts';
import { describe, quote } from '../quote.ts';
import type { Document, Leaf, Raw } from '../reading.ts';
import { isSettingName, type SettingName } from '../settings.ts';
import { type Broken, lineKey, type Parsed, parseJson } from './json.ts';
import { readPlain } from './plain.ts';
import { parseYaml, type YamlModule } from './yaml.ts';

/** The parts of `zod/mini` that a document's shape is made of, as a value: loaded when the first document asks. */
export type ZodModule = Pick<
  typeof Zod,
  'array' | 'boolean' | 'int' | 'null' | 'pipe' | 'regex' | 'string' | 'transform' | 'union'
>;

/** What parses documents, each loaded at its first use. */
export interface Parsers {
  readonly zod: () => ZodModule;
  readonly yaml: () => YamlModule;
}

export type Format = 'json' | 'yaml';

/** The format of a file, by its ending; `null` when it is no document. */
export function formatOf(name: string): Format | null {
  if (name.endsWith('.json')) return 'json';
  return name.endsWith('.yaml') || name.endsWith('.yml') ? 'yaml' : null;
}

/** How many keys are read between two pauses. */
const PIECE = 512;

/**
 * Reads a document in pieces. A ConfigMap manifest may hold documents of its own, so the result is a list of them by
 * name: the document itself, and `name#key` for each of its own.
 */
export function* readDocument(
  name: string,
  text: string,
  format: Format,
  parsers: Parsers,
): Generator<void, Map<string, Document>> {
  const plain = format === 'json' ? yield* readPlain(text) : null;
  if (plain !== null) return new Map([[name, { leaves: plain }]]);
  const shape = shapeOf(parsers.zod());
  const read = yield* readRoot(text, format, parsers, shape);
  if (isVariant(read, 'broken')) return new Map([[name, read]]);
  if (isManifest(read.root)) return yield* readManifest(name, read, parsers, shape);
  return new Map([[name, yield* readTable(read, shape)]]);
}

/** A document that parses, and is a mapping. */
interface Root {
  readonly root: Record<string, unknown>;
  readonly lines: Parsed['lines'];
}

function* readRoot(text: string, format: Format, parsers: Parsers, shape: Shape): Generator<void, Root | Broken> {
  const parsed = yield* parse(text, format, parsers);
  if (isVariant(parsed, 'broken')) return parsed;
  const root = shape.mapping(parsed.value);
  return root === null ? broken(notMapping(parsed.value)) : { root, lines: parsed.lines };
}

function notMapping(value: unknown): string {
  return `it is ${describe(value)}; want a mapping of keys to values`;
}

function isManifest(root: Record<string, unknown>): boolean {
  return Object.hasOwn(root, 'kind') || Object.hasOwn(root, 'apiVersion');
}

function broken(reason: string, line: number | null = null): Broken {
  return { broken: { reason, line } };
}

function* parse(text: string, format: Format, parsers: Parsers): Generator<void, Parsed | Broken> {
  if (text.trim() === '') return broken('it is empty; an empty table is written {}');
  return format === 'json' ? yield* parseJson(text) : parseYaml(text, parsers.yaml());
}

/** What may stand where, as zod sees it. Each reads a value as the text that a key file would hold, or as `null`. */
interface Shape {
  mapping(value: unknown): Record<string, unknown> | null;
  scalar(value: unknown): Raw;
  setting(name: SettingName, value: unknown): Raw;
}

function shapeOf(z: ZodModule): Shape {
  const integer = z.pipe(z.int(), z.transform(String));
  const nothing = z.pipe(
    z.null(),
    z.transform(() => ''),
  );
  const scalar = z.union([z.string(), integer, nothing]);
  const flag = z.union([scalar, z.pipe(z.boolean(), z.transform(String))]);
  const names = z.array(z.string().check(z.regex(/^[^,]*$/)));
  const list = z.union([
    scalar,
    z.pipe(
      names,
      z.transform((each: string[]) => each.join(',')),
    ),
  ]);
  const read = (schema: typeof scalar | typeof flag | typeof list, value: unknown): Raw => {
    const result = schema.safeParse(value);
    return result.success ? result.data : { found: describe(value) };
  };
  return {
    // Not by zod, which copies and would lose a key called __proto__. Without a prototype, which has keys of its own.
    mapping: (value) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? ownOf(value as Record<string, unknown>)
        : null,
    scalar: (value) => read(scalar, value),
    setting: (name, value) => read(name === 'baseline' ? list : name === 'template' ? scalar : flag, value),
  };
}

function* readTable({ root, lines }: Root, shape: Shape): Generator<void, Document> {
  const leaves: Leaf[] = [];
  const lineOf = (...path: string[]): number | null => lines.get(lineKey(path)) ?? null;

  for (const [key, value] of Object.entries(root)) {
    if (leaves.length % PIECE === PIECE - 1) yield;
    if (key === 'services') continue;
    leaves.push({
      key,
      value: isSettingName(key) ? shape.setting(key, value) : shape.scalar(value),
      line: lineOf(key),
    });
  }

  const services = root['services'] == null ? {} : shape.mapping(root['services']);
  if (services === null) {
    return broken(`"services" is ${describe(root['services'])}; want a mapping of services`, lineOf('services'));
  }
  for (const [service, namespaces] of Object.entries(services)) {
    yield;
    const deployments = shape.mapping(namespaces ?? {});
    // With a name that is none and nothing under it, there is no entry to find fault with.
    if (deployments !== null && Object.keys(deployments).length === 0 && !isServiceName(service)) {
      return broken(`${quote(service)} under "services" is no service; ${SERVICE_WANTED}`, lineOf('services', service));
    }
    if (deployments === null) {
      const reason = `the service ${quote(service)} is ${describe(namespaces)}; want a mapping of its namespaces`;
      return broken(reason, lineOf('services', service));
    }
    for (const [namespace, value] of Object.entries(deployments)) {
      if (leaves.length % PIECE === PIECE - 1) yield;
      const line = lineOf('services', service, namespace);
      const endpoints = shape.mapping(value);
      if (endpoints === null) {
        leaves.push({ key: nestedKey(service, namespace), value: shape.scalar(value), line });
        continue;
      }
      // Deployed there, but nobody says at which port: that is not the same as not being deployed.
      if (Object.keys(endpoints).length === 0) {
        leaves.push({ key: nestedKey(service, namespace), value: { found: 'an object without an endpoint' }, line });
      }
      for (const [endpoint, address] of Object.entries(endpoints)) {
        const key = nestedKey(service, namespace, endpoint);
        leaves.push({
          key,
          value: shape.scalar(address),
          line: lineOf('services', service, namespace, endpoint) ?? line,
        });
      }
    }
  }
  return { leaves };
}

/** The flat key. A part with a dot in it is no name: it must not read as a key of another shape. */
function nestedKey(service: string, namespace: string, endpoint = DEFAULT_ENDPOINT): string {
  const dotted = [service, namespace, endpoint].some((part) => part.includes('.'));
  if (!dotted) return entryKey(service, namespace, endpoint);
  return `services/${service}/${namespace}${endpoint === DEFAULT_ENDPOINT ? '' : `/${endpoint}`}`;
}

/** `kind: ConfigMap`: its `data` is read like a mounted folder, documents in it included. */
function* readManifest(
  name: string,
  { root, lines }: Root,
  parsers: Parsers,
  shape: Shape,
): Generator<void, Map<string, Document>> {
  const refuse = (reason: string, field: string): Map<string, Document> =>
    new Map([[name, broken(reason, lines.get(field) ?? null)]]);
  if (root['kind'] !== 'ConfigMap') {
    return refuse(`its kind is ${describe(root['kind'])}; want "ConfigMap", or no "kind" and no "apiVersion"`, 'kind');
  }
  const beside = Object.keys(root).find((key) => !MANIFEST_FIELDS.has(key));
  if (beside !== undefined) {
    return refuse(`${quote(beside)} stands beside "data"; what a ConfigMap says stands under "data"`, beside);
  }
  const data = shape.mapping(root['data'] ?? {});
  if (data === null) return refuse(`its "data" is ${describe(root['data'])}; want a mapping`, 'data');
  const binary = shape.mapping(root['binaryData'] ?? {});
  if (binary === null)
    return refuse(`its "binaryData" is ${describe(root['binaryData'])}; want a mapping`, 'binaryData');

  const leaves: Leaf[] = [];
  const documents = new Map<string, Document>([[name, { leaves }]]);
  for (const [key, value] of Object.entries(data)) {
    if (key.startsWith('.')) continue;
    const line = lines.get(lineKey(['data', key])) ?? null;
    const raw = shape.scalar(value);
    const format = formatOf(key);
    yield;
    if (format === null) leaves.push({ key, value: raw, line });
    else documents.set(`${name}#${key}`, yield* readInner(raw, format, parsers, shape));
  }
  for (const key of Object.keys(binary)) {
    if (key.startsWith('.')) continue;
    const found = `binary data; write ${quote(key)} under "data"`;
    if (formatOf(key) === null) leaves.push({ key, value: { found }, line: null });
    else documents.set(`${name}#${key}`, broken(`it is ${found}`));
  }
  return documents;
}

/** The fields of a ConfigMap, https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/config-map-v1/. */
const MANIFEST_FIELDS: ReadonlySet<string> = new Set([
  'apiVersion',
  'kind',
  'metadata',
  'data',
  'binaryData',
  'immutable',
]);

/** A document in a manifest: a table, and no manifest again. */
function* readInner(raw: Raw, format: Format, parsers: Parsers, shape: Shape): Generator<void, Document> {
  if (typeof raw !== 'string') return broken(`it is ${raw.found}`);
  const read = yield* readRoot(raw, format, parsers, shape);
  if (isVariant(read, 'broken')) return read;
  if (isManifest(read.root)) return broken('it is a manifest within a manifest; want a table');
  return yield* readTable(read, shape);
}
