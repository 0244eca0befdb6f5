import { runInNewContext } from 'node:vm';

import type { RoutingContext } from 'branchline';
import { describe, expect, test } from 'vitest';

import { carriedBy, carrying, checkContext, checkNames, contextOf } from '../../src/core/context.ts';
import { parseWish, type Wish } from '../../src/core/wish.ts';

const wrong = (context: unknown): RoutingContext => context as RoutingContext;

describe('a context', () => {
  test.each([
    {},
    { namespaces: [] },
    { namespaces: ['a', 'b'], services: { s: 'n' } },
    { namespaces: undefined, services: undefined },
    Object.assign(Object.create(null) as object, { namespaces: ['a'] }),
    { services: Object.assign(Object.create(null) as object, { s: 'n' }) },
  ])('may be %o', (context) => {
    expect(checkContext(context)).toEqual(context);
  });

  test.each([
    ['null', null, 'the context is null; want a plain object'],
    ['a text', 'feature-x', 'the context is "feature-x"'],
    ['a list', ['feature-x'], 'the context is a list'],
    ['a function', () => ({}), 'the context is of type function'],
    ['a promise', Promise.resolve({ namespaces: ['a'] }), 'was a promise not awaited?'],
    ['a Map', new Map([['namespaces', ['a']]]), 'want a plain object'],
    ['a Set', new Set(['a']), 'want a plain object'],
    ['Headers', new Headers(), 'want a plain object'],
    ['a promise for services', { services: Promise.resolve({ s: 'n' }) }, 'context.services is an object'],
    ['a Date for services', { services: new Date() }, 'context.services is an object'],
    ['a field that there is not', { namespace: 'a' }, 'context has no option "namespace"'],
    ['a text for namespaces', { namespaces: 'a' }, 'context.namespaces is "a"; want a list of strings'],
    ['null for namespaces', { namespaces: null }, 'context.namespaces is null'],
    ['a namespace that is no text', { namespaces: ['a', 1] }, 'context.namespaces is a list'],
    ['a list for services', { services: ['s.n'] }, 'context.services is a list; want an object of strings'],
    ['null for services', { services: null }, 'context.services is null'],
    ['a pin that is no text', { services: { s: 1 } }, 'context.services is an object'],
  ])('that is, or has, %s is a TypeError', (_, context, message) => {
    expect(() => checkContext(wrong(context))).toThrow(TypeError);
    expect(() => checkContext(wrong(context))).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }));
    expect(() => checkContext(wrong(context))).toThrow(message);
  });

  test('has what it says itself, and nothing of what it inherits', () => {
    const heir = Object.create({ namespaces: ['evil'], services: { s: 'evil' } }) as RoutingContext;
    expect(() => checkContext(heir)).toThrow('want a plain object');
    const plain = checkContext(Object.assign(Object.create(null), { namespaces: ['a'] }) as RoutingContext);
    expect(plain).toEqual({ namespaces: ['a'] });
    expect(checkContext(runInNewContext("({ namespaces: ['a'] })") as RoutingContext)).toEqual({ namespaces: ['a'] });
  });

  test.each([
    [{ namespaces: ['Feature-X'] }, 'the context has "Feature-X"'],
    [{ namespaces: ['a.b'] }, 'the context has "a.b"'],
    [{ namespaces: ['json'] }, 'is none of json, yaml, yml'],
    [{ namespaces: [''] }, 'the context has ""'],
    [{ services: { s: 'x@evil.com#' } }, 'the context has "***@evil.com#***"'],
    [{ services: { 'a.b': 'n' } }, 'context.services has "a.b"'],
    [{ services: JSON.parse('{"__proto__":"n"}') as Record<string, string> }, 'context.services has "__proto__"'],
    [{ namespaces: ['a~b'] }, 'the context has "a~b"'],
    [{ namespaces: ['a,b=c'] }, 'the context has "a,b=c"'],
    [{ namespaces: ['a\r\nx: 1'] }, String.raw`the context has "a\u{d}\u{a}x: 1"`],
  ])('with a name that is none is an error: %o', (context, message) => {
    expect(() => checkNames(context)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_NAME' }));
    expect(() => checkNames(context)).toThrow(message);
  });

  test('with a name that is none is an error that has it', () => {
    expect(() => checkNames({ namespaces: ['A'] })).toThrow(expect.objectContaining({ namespace: 'A' }));
    expect(() => checkNames({ services: { s: 'B' } })).toThrow(expect.objectContaining({ namespace: 'B' }));
    expect(() => checkNames({ services: { C: 'n' } })).toThrow(expect.objectContaining({ service: 'C' }));
  });

  test('with legal names is none', () => {
    expect(() => checkNames({ namespaces: ['a'], services: { constructor: 'b' } })).not.toThrow();
    expect(() => checkNames({})).not.toThrow();
  });
});

describe('a wish as a context', () => {
  test('is frozen, and has the fields that it needs', () => {
    const context = contextOf(parseWish('a~b~s.n~constructor.m') as Wish);
    expect(context).toEqual({ namespaces: ['a', 'b'], services: { s: 'n', constructor: 'm' } });
    expect([context, context.namespaces, context.services].every((part) => Object.isFrozen(part))).toBe(true);
    expect(Object.keys(contextOf(parseWish('a') as Wish))).toEqual(['namespaces']);
    expect(Object.keys(contextOf(parseWish('s.n') as Wish))).toEqual(['services']);
  });

  test('has its own list: what becomes of the wish is nothing to it', () => {
    const namespaces = ['a'];
    const context = contextOf({ namespaces, services: new Map() });
    namespaces.push('b');
    expect(context.namespaces).toEqual(['a']);
  });
});

describe('what a context carries on', () => {
  const carried = { keys: ['branchline'], member: 'a~feature-x' };

  test('is not seen: not listed, not printed, not copied', () => {
    const context = carrying({ namespaces: ['a'] }, carried);
    expect(carriedBy(context)).toEqual(carried);
    expect(JSON.stringify(context)).toBe('{"namespaces":["a"]}');
    expect(Object.keys(context)).toEqual(['namespaces']);
    expect(carriedBy({ ...context })).toBeUndefined();
    expect(Object.isFrozen(context) && Object.isFrozen(carriedBy(context))).toBe(true);
  });

  test('is its own, and not what it inherits', () => {
    expect(carriedBy({})).toBeUndefined();
    expect(carriedBy(Object.create(carrying({}, carried)) as RoutingContext)).toBeUndefined();
  });

  test('leaves the context that it was given as it was', () => {
    const given: RoutingContext = { namespaces: ['a'] };
    expect(carrying(given, carried)).not.toBe(given);
    expect(carriedBy(given)).toBeUndefined();
    expect(Object.isFrozen(given)).toBe(false);
  });
});
