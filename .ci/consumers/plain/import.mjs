import assert from 'node:assert/strict';

import { resolve } from 'branchline';

assert.equal(resolve('my-rest'), 'http://my-rest');
