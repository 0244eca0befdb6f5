// A process that imports and requires has one package, not two: one default resolver, one class of errors.
const assert = require('node:assert/strict');
const root = require('branchline');
const testing = require('branchline/testing');

async function main() {
  const imported = await import('branchline');
  assert.equal(imported.resolve, root.resolve);
  assert.equal(imported.BranchlineError, root.BranchlineError);
  assert.equal((await import('branchline/testing')).useEntries, testing.useEntries);
  assert.equal((await import('branchline/express')).branchline, require('branchline/express').branchline);
  assert.equal((await import('branchline/undici')).routing, require('branchline/undici').routing);

  const restore = testing.useEntries({ 'my-rest.develop': '8080' });
  assert.equal(imported.resolve('my-rest'), 'http://my-rest.develop.svc:8080');
  restore();
}
main();
