// The dispatcher of the process is its application's: node dispatcher.cjs import|require
// undici replaces it when it is loaded before the first fetch, so importing loads no undici, and createDispatcher() does.
const assert = require('node:assert/strict');
const { once } = require('node:events');
const { createServer } = require('node:http');

const dispatchers = () => [1, 2].map((version) => globalThis[Symbol.for(`undici.globalDispatcher.${version}`)]);
const isLoaded = () => Object.keys(require.cache).some((file) => /node_modules[\\/]undici[\\/]/.test(file));

async function main() {
  const load = process.argv[2] === 'require' ? require : (name) => import(name);
  assert.deepEqual(dispatchers(), [undefined, undefined]);
  const { createFetch, createResolver, memorySource, resolutionOf } = await load('branchline');
  await load('branchline/express');
  const { clusterLookup, createDispatcher, routing } = await load('branchline/undici');
  assert.deepEqual([typeof clusterLookup, typeof routing], ['function', 'function']);
  assert.deepEqual(dispatchers(), [undefined, undefined], 'importing touches no dispatcher');
  assert.equal(isLoaded(), false, 'importing loads no undici');

  const server = createServer((request, response) => response.end(request.url)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sources = [memorySource({ 'orders.develop': `http://127.0.0.1:${server.address().port}` })];
  const resolver = createResolver({ sources, namespace: null });
  const dispatcher = createDispatcher();
  assert.equal(isLoaded(), true, 'undici was looked for where it is');
  const { Agent } = require('undici');
  assert.equal(
    dispatchers().some((one) => one instanceof Agent),
    false,
    "the process's is Node's own",
  );
  const response = await createFetch({ resolver, dispatcher })('http://orders/a?b');
  assert.equal(await response.text(), '/a?b');
  assert.equal(resolutionOf(response).service, 'orders');

  await dispatcher.close();
  server.close();
  await resolver.close();
}
main();
