// The middleware in an application: node express.cjs import|require express|express4
const assert = require('node:assert/strict');
const { once } = require('node:events');

async function main() {
  const [how, framework] = process.argv.slice(2);
  const load = how === 'require' ? require : (name) => import(name);
  const { createResolver, memorySource } = await load('branchline');
  const { branchline } = await load('branchline/express');
  const express = require(framework);

  const sources = [memorySource({ 'orders.develop': '8080', 'orders.feature-x': '' })];
  const resolver = createResolver({ sources, namespace: null });
  const app = express();
  app.use(branchline({ trust: true, resolver }));
  app.get('/', (request, response) => response.json(request.resolve('orders')));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');

  async function ask(headers) {
    const response = await fetch(`http://127.0.0.1:${server.address().port}`, { headers });
    const url = response.ok ? await response.json() : null;
    return [response.status, response.headers.get('branchline-accepted'), url];
  }
  assert.deepEqual(await ask({}), [200, null, 'http://orders.develop.svc:8080']);
  const branch = [200, 'feature-x', 'http://orders.feature-x.svc:8080'];
  assert.deepEqual(await ask({ baggage: 'branchline=feature-x' }), branch);
  assert.deepEqual(await ask({ baggage: 'branchline=feature-y' }), [412, null, null]);

  server.close();
  server.closeAllConnections();
  await resolver.close();
}
main();
