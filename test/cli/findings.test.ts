import { describe, expect, test } from 'vitest';

import { compareWithCluster, findingOf } from '../../src/cli/findings.ts';
import type { DeployedService } from '../../src/cli/services.ts';
import { rowsOf } from '../../src/core/rows.ts';
import { expectLinear } from '../doubles/linear.ts';
import { after, reading, tableOf } from '../doubles/said.ts';
import { runHere } from './in-process.ts';
import { type Data, patched } from './kubernetes.ts';

const deployed = (...keys: string[]): DeployedService[] =>
  keys.map((key) => {
    const [service = '', namespace = ''] = key.split('.');
    return { service, namespace, ports: [] };
  });

/** `CODE key` of each finding. */
function compared(
  data: Readonly<Record<string, string>>,
  services: DeployedService[],
  baseline = ['develop'],
): string[] {
  const rows = rowsOf(tableOf(after(reading(data))).entries);
  return compareWithCluster(rows, services, baseline).map(({ code, key }) => `${code} ${key}`);
}

describe('what is deployed and what the table says', () => {
  test('are the same where nothing is found', () => {
    expect(compared({ 'a.develop': '80', 'a.feature-x': '' }, deployed('a.develop', 'a.feature-x'))).toEqual([]);
  });

  test('differ where a branch has deployed what nobody registered: the commonest false green', () => {
    expect(
      compared({ 'a.develop': '80', 'b.develop': '80' }, deployed('a.develop', 'b.develop', 'a.feature-x')),
    ).toEqual(['UNREGISTERED a.feature-x']);
    // A service that no other namespace has, in a branch that the table knows.
    expect(compared({ 'a.feature-x': '80' }, deployed('a.feature-x', 'new.feature-x'))).toEqual([
      'UNREGISTERED new.feature-x',
    ]);
  });

  test('differ not in what is nobody’s business: foreign namespaces, and what else runs in the baseline', () => {
    expect(
      compared({ 'a.develop': '80' }, deployed('a.develop', 'kube-dns.kube-system', 'postgres.develop', 'x.other')),
    ).toEqual([]);
  });

  test('differ where the Service of an entry is gone', () => {
    expect(compared({ 'a.develop': '80', 'a.feature-x': '80', 'b.feature-x': '' }, deployed('a.develop'))).toEqual([
      'GONE a.feature-x',
      'GONE b.feature-x',
    ]);
    expect(compared({ '_admin.a.feature-x': '9090', 'a.feature-x': '80' }, deployed('x.y'))).toEqual([
      'GONE a.feature-x',
    ]);
  });

  test('differ not where an entry spells its own address, or is not to be called', () => {
    expect(
      compared(
        { 'a.develop': 'h.example.com', 'b.develop': 'https://h.example.com/x', 'c.develop': 'disabled' },
        deployed('x.y'),
      ),
    ).toEqual([]);
  });

  test('differ in order, with what to do about it', () => {
    const rows = rowsOf(tableOf(after(reading({ 'b.feature-x': '', 'a.feature-x': '' }))).entries);
    expect(compareWithCluster(rows, deployed('d.feature-x', 'c.feature-x'), ['develop'])).toEqual([
      {
        code: 'UNREGISTERED',
        message:
          'c.feature-x is deployed, and the table does not have it: calls go elsewhere. Register it: branchline add c.feature-x',
        source: null,
        key: 'c.feature-x',
        line: null,
      },
      expect.objectContaining({ key: 'd.feature-x' }),
      {
        code: 'GONE',
        message:
          'a.feature-x is in the table, and there is no such Service: calls to it fail. Remove it: branchline remove a.feature-x',
        source: null,
        key: 'a.feature-x',
        line: null,
      },
      expect.objectContaining({ key: 'b.feature-x' }),
    ]);
  });
});

test('what a finding says to do can be done, and mends it', async () => {
  const data = {
    baseline: 'develop',
    'a.feature-x': '80',
    '_admin.a.feature-x': '81',
    '_admin.b.feature-x': '81',
    'c.develop': '80',
    'd.feature-x': '80',
  };
  const there = deployed('a.develop', 'd.feature-x', 'e.feature-x');
  const found = (now: Data) => compareWithCluster(rowsOf(tableOf(after(reading(now))).entries), there, ['develop']);
  let now: Data = data;
  const before = found(now);
  expect(before.map(({ code, key }) => `${code} ${key}`)).toEqual([
    'UNREGISTERED a.develop',
    'UNREGISTERED e.feature-x',
    'GONE a.feature-x',
    'GONE b.feature-x',
    'GONE c.develop',
  ]);
  for (const { message } of before) {
    const [, line = ''] = /: branchline (.*)$/.exec(message) ?? [];
    const { code, out, err } = await runHere(line.split(' '), { table: data });
    expect([line, code, err]).toEqual([line, 0, '']);
    now = patched(now, out);
  }
  expect(found(now)).toEqual([]);
});

test('the comparison costs as much as there is to compare, and no more', () => {
  const key = (index: number): string => `service-${index}.feature-x`;
  expectLinear((length) => {
    const keys = Array.from({ length }, (_, index) => key(index));
    const rows = keys.map((one) => ({
      service: one.split('.')[0] as string,
      namespace: 'feature-x',
      endpoint: 'default',
      value: '80',
      state: 'live' as const,
      source: 'test',
    }));
    compareWithCluster(rows, deployed(...keys), ['develop']);
  }, 512);
});

test('a finding is a problem of the library, and nothing more of it', () => {
  const problem = { code: 'ERR_ENTRY_INVALID', message: 'x', source: 'env', key: 'a.b', line: 3 };
  expect(findingOf({ ...problem, more: 1 } as never)).toEqual(problem);
});
