// Every parser is found from where the package is installed: node documents.cjs import|require
const assert = require('node:assert/strict');
const { mkdirSync, mkdtempSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const at = mkdtempSync(join(__dirname, 'documents-'));

function written(name, text) {
  writeFileSync(join(at, name), text);
  return join(at, name);
}

async function main() {
  const how = process.argv[2];
  const branchline = how === 'require' ? require('branchline') : await import('branchline');
  const { createResolver, dotenvSource, fileSource, mountSource } = branchline;

  const nested = '{ "services": { "orders": { "develop": { "default": 9090 } } } }';
  const sources = [
    fileSource({ path: written('flat.json', '{ "orders.develop": 9090 }') }),
    fileSource({ path: written('nested.json', nested) }),
    fileSource({ path: written('table.yaml', 'services:\n  orders:\n    develop: 9090\n') }),
    fileSource({ path: written('table.env', 'BRANCHLINE_ORDERS__DEVELOP=9090\n') }),
    dotenvSource({ path: written('.env', 'BRANCHLINE_ORDERS__DEVELOP=9090\n') }),
  ];
  for (const source of sources) {
    const resolver = createResolver({ sources: [source], namespace: null });
    assert.equal(resolver.resolve('orders'), 'http://orders.develop.svc:9090', source.name);
    await resolver.close();
  }

  mkdirSync(join(at, 'mount'));
  written('mount/orders.develop', '9090');
  const resolver = createResolver({ sources: [mountSource({ path: join(at, 'mount') })], namespace: null });
  await resolver.ready();
  assert.equal(resolver.resolve('orders'), 'http://orders.develop.svc:9090');
  // The watcher is ESM only, and loads from CommonJS too: only Jest's polls.
  assert.equal(resolver.status().sources[0].watch, 'native');
  await resolver.close();
}
main();
