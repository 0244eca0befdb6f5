import { inspect } from 'node:util';

import * as branchline from 'branchline';
import { BranchlineError, createResolver, isBranchlineError, memorySource } from 'branchline';
import { describe, expect, test, vi } from 'vitest';

import * as errors from '../../src/core/errors.ts';

type ErrorClass = new (message: string, details?: errors.ErrorDetails) => BranchlineError;

/** All classes of the module but the base, by the code of what they make. */
const classes = Object.values<unknown>(errors)
  .filter((value): value is ErrorClass => typeof value === 'function' && value.prototype instanceof BranchlineError)
  .map((Class) => [new Class('x').code, Class] as const);

test('every code has one class and one sentence', () => {
  expect([...classes.map(([code]) => code), new errors.InvalidOptionError('x').code].toSorted()).toEqual(
    Object.keys(errors.ERROR_CODES).toSorted(),
  );
  for (const sentence of Object.values(errors.ERROR_CODES)) expect(sentence).toMatch(/^[A-Z].*\.$/);
});

describe('an error', () => {
  test.each(classes)('%s has its code in front of its message, and is a BranchlineError', (code, Class) => {
    const error = new Class('what, which, where', { service: 'a', line: 3, considered: ['x'], namespace: undefined });
    expect(error).toBeInstanceOf(BranchlineError);
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.code, error.message]).toEqual(['BranchlineError', code, `${code}: what, which, where`]);
    expect(String(error)).toBe(`BranchlineError: ${code}: what, which, where`);
    expect(Object.fromEntries(Object.entries(error))).toEqual({ code, service: 'a', line: 3, considered: ['x'] });
    expect('namespace' in error).toBe(false);
    expect(error.stack).toContain('errors.test.ts');
  });

  test('has a cause where there is one, which is not among what is listed', () => {
    const cause = new Error('disk');
    const error = new errors.SourceUnreadableError('x', { cause });
    expect(error.cause).toBe(cause);
    expect(Object.keys(error)).toEqual(['code']);
    expect('cause' in new errors.SourceUnreadableError('x')).toBe(false);
    expect(inspect(error)).toContain("code: 'ERR_SOURCE_UNREADABLE'");
    expect(inspect(error)).not.toContain('branchline.error');
  });

  test('is plain data in JSON, with its message and without its cause', () => {
    const error = new errors.ServiceNotFoundError('no a', {
      service: 'a',
      considered: ['x'],
      cause: new Error('disk'),
    });
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      code: 'ERR_SERVICE_NOT_FOUND',
      message: 'ERR_SERVICE_NOT_FOUND: no a',
      service: 'a',
      considered: ['x'],
    });
  });

  test('may be given another name, as every error', () => {
    const error = new errors.ServiceNotFoundError('no a');
    error.name = 'Mine';
    expect(String(error)).toBe('Mine: ERR_SERVICE_NOT_FOUND: no a');
    expect(new errors.ServiceNotFoundError('no a').name).toBe('BranchlineError');
  });

  test('of the caller is a TypeError', () => {
    const error = new errors.InvalidOptionError('x');
    expect(error).toBeInstanceOf(TypeError);
    expect([error.name, error.code, error.message, isBranchlineError(error)]).toEqual([
      'TypeError',
      'ERR_INVALID_OPTION',
      'ERR_INVALID_OPTION: x',
      true,
    ]);
  });
});

describe('isBranchlineError', () => {
  test('knows ours, whatever else they are', () => {
    for (const [, Class] of classes) expect(isBranchlineError(new Class('x'))).toBe(true);
    class Mine extends BranchlineError {}
    expect(isBranchlineError(new Mine('ERR_INVALID_NAME', 'x'))).toBe(true);
  });

  test.each([
    ['an error of somebody else', new Error('ERR_INVALID_NAME: x')],
    ['an error with our code', Object.assign(new Error('x'), { code: 'ERR_INVALID_NAME' })],
    ['nothing', undefined],
    ['null', null],
    ['a text', 'ERR_INVALID_NAME'],
    ['an object with our brand', { [Symbol.for('branchline.error.v1')]: true }],
    ['an error with another brand', Object.assign(new Error('x'), { [Symbol.for('branchline.error.v1')]: 1 })],
  ])('does not know %s', (_, error) => {
    expect(isBranchlineError(error)).toBe(false);
  });

  test('knows the errors of another copy of the package, where instanceof does not', async () => {
    vi.resetModules();
    const copy = await import('branchline');
    expect(copy.BranchlineError).not.toBe(branchline.BranchlineError);
    const thrown = (create: typeof createResolver, source: typeof memorySource, name: string): unknown => {
      try {
        return create({ sources: [source({})], namespace: null }).resolve(name);
      } catch (error) {
        return error;
      }
    };
    const theirs = thrown(copy.createResolver, copy.memorySource, 'Not A Name');
    const ours = thrown(createResolver, memorySource, 'Not A Name');
    expect([theirs instanceof BranchlineError, ours instanceof copy.BranchlineError]).toEqual([false, false]);
    expect([isBranchlineError(theirs), copy.isBranchlineError(ours)]).toEqual([true, true]);
    expect((theirs as BranchlineError).code).toBe((ours as BranchlineError).code);
  });
});
