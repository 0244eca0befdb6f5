const assert = require('node:assert/strict');
const { resolve } = require('branchline');

assert.equal(resolve('my-rest'), 'http://my-rest');
