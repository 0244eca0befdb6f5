// What `kubectl` does with the objects of a stand-in cluster, as far as the examples call it. What it does not know it
// refuses.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { loadAll } from 'js-yaml';

export type Data = Readonly<Record<string, string>>;

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Data;
    readonly annotations?: Data;
  };
  readonly data?: Data;
  readonly spec?: unknown;
}

/** An object, and who owns each key of its data. */
export interface Stored {
  object: KubernetesObject;
  readonly owners: Map<string, Set<string>>;
}

/** One start of a program. */
export interface Call {
  readonly program: string;
  readonly args: readonly string[];
  /** Of `-f -` and the like. */
  readonly stdin: string;
  /** The working folder. */
  readonly cwd: string;
}

export interface Store {
  find(kind: string, name: string, namespace?: string): Stored | undefined;
  has(kind: string, name: string, namespace?: string): boolean;
  put(object: KubernetesObject, owner: string): void;
  /** Whether it was there. What is in a namespace goes with it. */
  remove(kind: string, name: string, namespace?: string): boolean;
  /** Throws when RBAC or a policy forbids it; without a name for a POST and a list. */
  authorize(verb: string, kind: string, namespace: string | undefined, name: string | null): void;
}

/** What ends a command with an error. */
export class Refusal extends Error {}

type Verb = (command: Command, store: Store) => string;

/** Runs a command line, and returns what it prints. @throws {Refusal} */
export function kubectl(call: Call, store: Store): string {
  const [name = '', ...args] = call.args;
  const verb = VERBS.get(name);
  if (verb === undefined) throw new Refusal(`error: unknown command "${name}" for "kubectl"`);
  return verb(readCommand(args, call), store);
}

const create: Verb = (command, store) => {
  const objects = command.objects();
  if (command.flag('--dry-run') === 'client' && command.flag('-o') === 'json')
    return objects.map((object) => `${JSON.stringify(object, null, 4)}\n`).join('');
  for (const { kind, metadata, ...object } of objects) {
    const { name, namespace } = metadata;
    store.authorize('create', kind, namespace, null);
    if (store.has(kind, name, namespace))
      throw new Refusal(`Error from server (AlreadyExists): ${kind} "${name}" already exists`);
    expectNamespace(namespace, store);
    store.put({ ...object, kind, metadata }, 'kubectl-create');
  }
  return 'created\n';
};

const apply: Verb = (command, store) => {
  const manager = command.flag('--field-manager') ?? 'kubectl';
  if (!command.has('--server-side')) throw new Refusal('this kubectl applies on the server only');
  if (manager.length > 128) throw new Refusal('fieldManager: Too long: may not be more than 128 bytes');
  for (const object of command.objects()) {
    const { kind, metadata } = object;
    const { name, namespace } = metadata;
    store.authorize('patch', kind, namespace, name);
    const before = store.find(kind, name, namespace);
    if (before !== undefined) {
      merge(before, object, manager, command.has('--force-conflicts'));
      continue;
    }
    store.authorize('create', kind, namespace, name);
    expectNamespace(namespace, store);
    store.put(object, manager);
  }
  return 'serverside-applied\n';
};

/** A manager owns the keys that it sent; what it does not send any more goes, unless somebody else owns it too. */
function merge(target: Stored, object: KubernetesObject, manager: string, force: boolean): void {
  const { owners } = target;
  const data = new Map(Object.entries(target.object.data ?? {}));
  const wanted = new Map(Object.entries(object.data ?? {}));
  for (const [key, value] of wanted) {
    const others = [...(owners.get(key) ?? [])].filter((owner) => owner !== manager);
    if (data.get(key) === value || others.length === 0) continue;
    if (!force) throw new Refusal(`error: Apply failed with 1 conflict: conflict with "${others[0]}": .data.${key}`);
    owners.delete(key);
  }
  for (const [key, whose] of owners) {
    if (wanted.has(key) || !whose.delete(manager) || whose.size > 0) continue;
    owners.delete(key);
    data.delete(key);
  }
  for (const [key, value] of wanted) {
    data.set(key, value);
    owners.set(key, new Set([...(owners.get(key) ?? []), manager]));
  }
  const { data: _, ...before } = target.object;
  const metadata = { ...before.metadata, ...object.metadata };
  target.object = { ...before, ...object, metadata, ...(data.size === 0 ? {} : { data: Object.fromEntries(data) }) };
}

const get: Verb = (command, store) => {
  const [kind = '', name] = command.words;
  if (name === undefined) throw new Refusal(`this kubectl gets one object at a time, not ${kind}`);
  const namespace = kind === 'namespace' ? undefined : command.namespace;
  store.authorize('get', kind, namespace, name);
  const found = store.find(kind, name, namespace)?.object;
  if (found === undefined && command.has('--ignore-not-found')) return '';
  if (found === undefined) throw new Refusal(`Error from server (NotFound): ${kind} "${name}" not found`);
  const output = command.flag('-o') ?? '';
  if (output === 'json') return `${JSON.stringify(found, null, 4)}\n`;
  const [, path] = /^jsonpath=\{\.([\w.]+)\}$/.exec(output) ?? [];
  if (path === undefined) throw new Refusal(`this kubectl does not print ${output}`);
  let value: unknown = found;
  for (const step of path.split('.')) value = (value as Readonly<Record<string, unknown>> | undefined)?.[step];
  return typeof value === 'string' ? value : JSON.stringify(value ?? '').replace(/^""$/, '');
};

const patch: Verb = (command, store) => {
  const [kind = '', name = ''] = command.words;
  if (command.flag('--type') !== 'merge') throw new Refusal('this kubectl merges only');
  for (const verb of ['get', 'patch']) store.authorize(verb, kind, command.namespace, name);
  const target = store.find(kind, name, command.namespace);
  if (target === undefined) throw new Refusal(`Error from server (NotFound): ${kind} "${name}" not found`);
  const text = command.flag('--patch') ?? command.textOf(command.flag('--patch-file') ?? '');
  const changes = JSON.parse(text) as { data: Readonly<Record<string, string | null>> };
  const data = new Map(Object.entries(target.object.data ?? {}));
  for (const [key, value] of Object.entries(changes.data)) {
    if (value === null) {
      data.delete(key);
      target.owners.delete(key);
    } else {
      data.set(key, value);
      target.owners.set(key, new Set(['kubectl-patch']));
    }
  }
  target.object = { ...target.object, data: Object.fromEntries(data) };
  return 'patched\n';
};

const remove: Verb = (command, store) => {
  const [kinds = '', ...names] = command.words;
  if (names.length === 0) throw new Refusal('error: resource(s) were provided, but no name was specified');
  for (const kind of kinds.split(',')) {
    const namespace = kind === 'namespace' ? undefined : command.namespace;
    for (const name of names) {
      store.authorize('delete', kind, namespace, name);
      if (!store.remove(kind, name, namespace) && !command.has('--ignore-not-found'))
        throw new Refusal(`Error from server (NotFound): ${kind} "${name}" not found`);
    }
  }
  return 'deleted\n';
};

const rollout: Verb = (command, store) => {
  const [what, target = ''] = command.words;
  const [kind = '', name = ''] = target.split('/');
  if (what !== 'status') throw new Refusal(`this kubectl does not know rollout ${what}`);
  for (const verb of ['get', 'list', 'watch']) store.authorize(verb, kind, command.namespace, name);
  if (store.has(kind, name, command.namespace)) return `"${name}" successfully rolled out\n`;
  throw new Refusal(`Error from server (NotFound): ${target} not found`);
};

const VERBS: ReadonlyMap<string, Verb> = new Map(
  Object.entries({ create, apply, get, patch, delete: remove, rollout }),
);

function expectNamespace(namespace: string | undefined, store: Store): void {
  if (namespace === undefined || store.has('namespace', namespace)) return;
  throw new Refusal(`Error from server (NotFound): namespaces "${namespace}" not found`);
}

interface Command {
  /** What is no flag. */
  readonly words: readonly string[];
  /** Of the flag, or `default`. */
  readonly namespace: string;
  has(flag: string): boolean;
  flag(flag: string): string | undefined;
  /** The text of a file; `-` and `/dev/stdin` are standard input. */
  textOf(file: string): string;
  /** The objects of `-f`, each in its namespace. */
  objects(): KubernetesObject[];
}

const FLAGS = new Set(
  '--namespace -f -o --field-manager --type --patch --patch-file --timeout --dry-run --wait'.split(' '),
);
const SWITCHES = new Set(['--server-side', '--force-conflicts', '--ignore-not-found']);

function readCommand(args: readonly string[], { stdin, cwd }: Call): Command {
  const words: string[] = [];
  const flags = new Map<string, string>();
  for (let index = 0; index < args.length; index += 1) {
    const [, name = '', value] = /^(.*?)(?:=(.*))?$/s.exec(args[index] ?? '') ?? [];
    if (!name.startsWith('-') || name === '-') words.push(args[index] ?? '');
    else if (SWITCHES.has(name)) flags.set(name, '');
    else if (FLAGS.has(name)) flags.set(name, value ?? args[(index += 1)] ?? '');
    else throw new Refusal(`error: unknown flag: ${name}`);
  }
  const textOf = (file: string): string =>
    file === '-' || file === '/dev/stdin' ? stdin : readFileSync(resolve(cwd, file), 'utf8');
  return {
    words,
    namespace: flags.get('--namespace') ?? 'default',
    has: (flag) => flags.has(flag),
    flag: (flag) => flags.get(flag),
    textOf,
    objects() {
      const file = flags.get('-f') ?? '';
      const at = resolve(cwd, file);
      const isFolder = file !== '-' && statSync(at).isDirectory();
      const texts = isFolder ? readdirSync(at).map((name) => readFileSync(join(at, name), 'utf8')) : [textOf(file)];
      const objects = texts.flatMap((text) => loadAll(text) as KubernetesObject[]);
      if (objects.length === 0) throw new Refusal('error: no objects passed');
      return objects.map((object) => placed(object, flags.get('--namespace')));
    },
  };
}

/** The object in its namespace, if it is one that the API server takes: names are text, and so are values of data. */
function placed(object: KubernetesObject, wanted: string | undefined): KubernetesObject {
  const { kind, metadata, data } = object;
  if ([kind, metadata.name, ...Object.values(data ?? {})].some((value) => typeof value !== 'string'))
    throw new Refusal(`Error from server (BadRequest): ${JSON.stringify(object)} cannot be handled`);
  if (kind === 'Namespace') return object;
  const namespace = metadata.namespace ?? wanted ?? 'default';
  if (wanted !== undefined && namespace !== wanted)
    throw new Refusal(`error: the namespace from the provided object "${namespace}" does not match "${wanted}"`);
  return { ...object, metadata: { ...metadata, namespace } };
}
