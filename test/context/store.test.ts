import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { context } from 'branchline';
import { describe, expect, test } from 'vitest';

import { createHops } from '../../src/context/hops.ts';
import { currentFrame, runIn } from '../../src/context/store.ts';
import { startChild } from '../doubles/child.ts';
import { temporaryFolder } from '../doubles/folder.ts';

test('there is one store a process, whichever copy of the package is asked', async () => {
  const copy = temporaryFolder();
  cpSync(fileURLToPath(new URL('../../src', import.meta.url)), join(copy, 'src'), { recursive: true });
  writeFileSync(join(copy, 'package.json'), '{ "type": "module" }');
  const child = startChild(new URL('children/copies.ts', import.meta.url), { args: [join(copy, 'src', 'index.ts')] });
  const { result } = await child.said('result');
  const across = {
    current: { namespaces: ['feature-x'] },
    resolved: 'http://a.feature-x.svc:2',
    injected: { baggage: 'branchline=feature-x' },
    without: true,
    bound: { namespaces: ['feature-x'] },
  };
  const served = {
    context: { services: { a: 'develop' } },
    responseHeaders: { 'branchline-accepted': 'a.develop' },
    injected: { baggage: 'branchline=feature-x~a.develop' },
    passed: { baggage: 'branchline=b~feature-x' },
    routed: 'http://a.feature-x.svc:2/x',
    fetches: 'function',
    refused: 'ERR_OVERRIDE_REFUSED',
    theirs: true,
    known: true,
    byDefault: 'http://a.feature-x.svc:2',
    counted: 2,
  };
  expect(result).toEqual({
    two: true,
    made: [],
    lazily: true,
    isStore: true,
    isOne: true,
    early: true,
    across: [across, across],
    served: [served, served],
  });
  expect(await child.exited()).toMatchObject({ code: 0, stderr: '' });
});

describe('a frame', () => {
  const hops = createHops();

  test('is there while its function runs, and not after', async () => {
    const frame = { context: undefined, hops };
    await runIn(frame, async () => {
      expect(currentFrame()).toBe(frame);
      await Promise.resolve();
      expect(currentFrame()).toBe(frame);
    });
    expect(currentFrame()).toBeUndefined();
  });

  test('has its hops in every context that is run in it', () => {
    runIn({ context: undefined, hops }, () => {
      context.run({ namespaces: ['feature-x'] }, () => {
        context.run(undefined, () => expect(currentFrame()?.hops).toBe(hops));
        expect(currentFrame()).toEqual({ context: { namespaces: ['feature-x'] }, hops });
      });
    });
    context.run({ namespaces: ['feature-x'] }, () => expect(currentFrame()?.hops).toBeUndefined());
  });
});
