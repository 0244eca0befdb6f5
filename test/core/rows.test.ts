import { expect, test } from 'vitest';

import { rowsOf } from '../../src/core/rows.ts';
import { after, reading, tableOf } from '../doubles/said.ts';

const live = { state: 'live', source: 'test' };

test('the rows of a table are its entries, sorted by service, namespace and endpoint, the default one first', () => {
  const { entries } = tableOf(
    after(
      reading({
        baseline: 'develop',
        'b.develop': ' 8080 ',
        'a.feature-x': '',
        '_admin.a.develop': '9090',
        'a.develop': 'https://a.example.com/base',
        'aa.develop': '1',
        '_zip.a.develop': '2',
        '_1st.a.develop': '4',
        'a-b.develop': '3',
      }),
    ),
  );
  expect(rowsOf(entries)).toEqual([
    { service: 'a', namespace: 'develop', endpoint: 'default', value: 'https://a.example.com/base', ...live },
    { service: 'a', namespace: 'develop', endpoint: '1st', value: '4', ...live },
    { service: 'a', namespace: 'develop', endpoint: 'admin', value: '9090', ...live },
    { service: 'a', namespace: 'develop', endpoint: 'zip', value: '2', ...live },
    { service: 'a', namespace: 'feature-x', endpoint: 'default', value: '', ...live },
    { service: 'a-b', namespace: 'develop', endpoint: 'default', value: '3', ...live },
    { service: 'aa', namespace: 'develop', endpoint: 'default', value: '1', ...live },
    { service: 'b', namespace: 'develop', endpoint: 'default', value: '8080', ...live },
  ]);
});

test('a row says in which state its entry is: poisoned, the last good one, or not to be called', () => {
  const { entries } = tableOf(
    after(
      reading({ 'stale.develop': '8080', 'stale-off.develop': 'disabled' }),
      reading({
        'stale.develop': '808O',
        'stale-off.develop': 'disable',
        'off.develop': 'disabled',
        'poisoned.develop': 'a secret?token=1',
      }),
    ),
  );
  expect(rowsOf(entries).map(({ service, value, state }) => [service, value, state])).toEqual([
    ['off', 'disabled', 'disabled'],
    ['poisoned', 'invalid', 'invalid'],
    ['stale', '8080', 'stale'],
    ['stale-off', 'disabled', 'stale'],
  ]);
});

test('an empty table has no rows', () => {
  expect(rowsOf(new Map())).toEqual([]);
});
