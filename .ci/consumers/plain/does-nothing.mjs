// Importing an entry does nothing: node does-nothing.mjs import|require branchline[/…]
// Notes what is opened, started and loaded; then imports; then looks at the notes.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire, register, syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MessageChannel } from 'node:worker_threads';

const require = createRequire(import.meta.url);
const [how, entry] = process.argv.slice(2);
const load = how === 'require' ? require : (name) => import(name);

const loaded = [];
const { port1, port2 } = new MessageChannel();
port1.on('message', (url) => loaded.push(fileURLToPath(url))).unref();
const hooks = `
  let port;
  export const initialize = (data) => { port = data; };
  export const load = (url, context, next) => {
    if (url.startsWith('file:')) port.postMessage(url);
    return next(url, context);
  };`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: port2, transferList: [port2] });
// Node opens what it needs for the hooks at their first use.
await import('data:text/javascript,');

const calls = [];
function note(object, names = Object.keys(object).filter((name) => /^[a-z]/.test(name))) {
  for (const name of names) {
    const original = object[name];
    if (typeof original !== 'function') continue;
    object[name] = function (...args) {
      // A number is an open file's: its opening was noted.
      if (typeof args[0] !== 'number') calls.push(`${name} ${String(args[0])}`);
      return Reflect.apply(original, this, args);
    };
  }
}
note(fs);
note(fs.promises);
note(timers);
note(globalThis, ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch']);
syncBuiltinESMExports();

const active = () =>
  process.getActiveResourcesInfo().filter((type) => !/^(Pipe|TTY|Message|FSReq|CloseReq|Immediate|Tick)/.test(type));
const handles = active();
const globals = Reflect.ownKeys(globalThis);

await load(entry);

// Node's own loader reads through these functions too: our code, and the package.json on the way to it.
const foreign = calls.filter((call) => !/node_modules|package\.json/.test(call));
assert.deepEqual(foreign, [], 'opens no file, starts no timer');

await setImmediate();
loaded.push(...Object.keys(require.cache));
const packages = loaded.filter((file) => /node_modules/.test(file));
const others = packages.filter((file) => !/node_modules[\\/]branchline[\\/]/.test(file));
assert.deepEqual(others, [], 'loads no package');
assert.notEqual(packages.length, 0, 'what is loaded was seen');
// Node's own come and go: only what is new counts.
assert.deepEqual(
  active().filter((type) => !handles.includes(type)),
  [],
  'leaves no handle',
);
assert.deepEqual(Reflect.ownKeys(globalThis), globals, 'touches no global');

const { resolve } = await load('branchline');
assert.equal(resolve('my-rest'), 'http://my-rest');
