import { runInNewContext } from 'node:vm';

import { createResolver, envSource } from 'branchline';
import { expect, test } from 'vitest';

const viaOf = (env: object): string =>
  createResolver({ sources: [envSource({ env: env as Record<string, string> })], namespace: null }).lookup('a').via;
const ENV = { BRANCHLINE_A__DEVELOP: '1' };

test.each<[string, object]>([
  ['an object', ENV],
  ['one without a prototype', Object.assign(Object.create(null) as object, ENV)],
  ['one of another realm', runInNewContext('({ BRANCHLINE_A__DEVELOP: "1" })') as object],
  ['what a process has', Object.assign(Object.create(Object.getPrototypeOf(process.env) as object) as object, ENV)],
  [
    'one with variables of other types that are not ours',
    { ...ENV, PORT: 3000, DEBUG: true, NONE: undefined, NO: null },
  ],
])('the environment may be %s', (_, env) => {
  expect(viaOf(env)).toBe('baseline');
});

test.each<[string, unknown, string]>([
  ['a promise', Promise.resolve(ENV), 'an object; want an object like process.env; was a promise not awaited?'],
  ['a promise of another realm', runInNewContext('Promise.resolve({})'), 'was a promise not awaited?'],
  ['a Map', new Map(Object.entries(ENV)), 'want an object like process.env'],
  ['a list', ['BRANCHLINE_A__DEVELOP=1'], 'a list; want an object like process.env'],
  ['a text', 'BRANCHLINE_A__DEVELOP=1', 'want an object like process.env'],
  ['null', null, 'null; want an object like process.env'],
  ['what dotenv returns', { parsed: ENV }, '"parsed" in env is an object; want a string.'],
  ['a number for one of ours', { BRANCHLINE_A__DEVELOP: 1 }, '"BRANCHLINE_A__DEVELOP" in env is 1; want a string.'],
])('%s is no environment, and not an empty one', (_, env, message) => {
  expect(() => envSource({ env: env as Record<string, string> })).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_OPTION', message: expect.stringContaining(message) }),
  );
});
