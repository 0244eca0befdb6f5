// Imports or requires one entry of the packed package, in a process of its own without any loader, and prints what it
// found changed. The calls of the operating system between the two marks are the import's.

import { createHook } from 'node:async_hooks';
import { existsSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setImmediate } from 'node:timers/promises';

const require = createRequire(import.meta.url);
const [how, entry = ''] = process.argv.slice(2);
const load = (name: string): unknown => (how === 'require' ? (require(name) as unknown) : import(name));

/** What a library could patch; and `assert`, for which Node opens its error output. */
const WATCHED =
  'assert async_hooks buffer child_process crypto diagnostics_channel dns events fs http https module net stream timers tls url util worker_threads zlib'.split(
    ' ',
  );
/** What Node itself writes while it loads a module. */
const LOADING =
  /\.(?:_cache|_pathCache|cache|_stat|children|_handle)$|^module\.Module\._|^process\.(?:moduleLoadList|stdin|stdout|stderr)\b/;
/** Of Node's own loader: it reads files, and waits for that. */
const LOADERS = /^(?:PROMISE|TickObject|Microtask|FSREQ|FILEHANDLE)/;
/** The place outside of every request, where resolvers and their listeners run: an id of the context, and no handle. */
const OUTSIDE = 'branchline';
const DEEPEST = 4;

/** Every property of the globals and of Node's modules, with what it holds; no getter is asked. */
function everything(): Map<string, unknown> {
  const found = new Map<string, unknown>();
  const seen = new Set<unknown>();
  const open: [path: string, value: object, depth: number][] = [
    ['globalThis', globalThis, 0],
    ['process', process, 0],
  ];
  for (const name of WATCHED) open.push([name, require(`node:${name}`) as object, 0]);
  for (const [path, value, depth] of open) {
    if (seen.has(value)) continue;
    seen.add(value);
    found.set(`${path}.[[Prototype]]`, Object.getPrototypeOf(value));
    for (const key of Reflect.ownKeys(value)) {
      const name = `${path}.${String(key)}`;
      if (LOADING.test(name)) continue;
      const { value: held, get, set } = Object.getOwnPropertyDescriptor(value, key) ?? {};
      found.set(name, held);
      found.set(`${name}.[[Get]]`, get);
      found.set(`${name}.[[Set]]`, set);
      const isMore = (typeof held === 'object' && held !== null) || typeof held === 'function';
      if (isMore && depth < DEEPEST) open.push([name, held as object, depth + 1]);
    }
  }
  return found;
}

function differences(before: Map<string, unknown>, after: Map<string, unknown>): string[] {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const changed = new Set(names.filter((name) => !Object.is(before.get(name), after.get(name)) || !before.has(name)));
  // What is below something new is new, too.
  const above = (name: string): string => name.slice(0, Math.max(0, name.lastIndexOf('.')));
  return [...changed].filter((name) => {
    for (let outer = above(name); outer !== ''; outer = above(outer)) if (changed.has(outer)) return false;
    return true;
  });
}

// What Node makes at its first import, or its first look at these, is made before.
await import('node:fs/promises');
for (const name of WATCHED) await import(`node:${name}`);
await load('empty');
everything();
await setImmediate();
const before = everything();
const were = process.getActiveResourcesInfo();
const made: string[] = [];
const hook = createHook({
  init: (_, type) => void (type === OUTSIDE || LOADERS.test(type) || made.push(type)),
}).enable();
existsSync('/branchline-import-starts');
await load(entry);
existsSync('/branchline-import-ends');
hook.disable();
await setImmediate();
const changed = differences(before, everything());
// What keeps the process alive, and what was started and does not: an unref'd timer, too.
const active = process.getActiveResourcesInfo();
for (const type of were) if (active.includes(type)) active.splice(active.indexOf(type), 1);
const isKnown = (type: string): boolean => active.some((other) => other.toLowerCase() === type.toLowerCase());
active.push(...made.filter((type) => !isKnown(type)));
writeSync(1, `${JSON.stringify({ changed, active, properties: before.size })}\n`);
setTimeout(() => {
  throw new Error('what was left behind keeps the process alive');
}, 2000).unref();
