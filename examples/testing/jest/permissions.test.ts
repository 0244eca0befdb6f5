// The same in Jest, with `"jest": { "preset": "ts-jest" }` and TypeScript that compiles to CommonJS.

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { useEntries } from 'branchline/testing';

import { type Double, startMyRest } from '../my-rest-double';
import { getPermissions } from '../permissions';

let shared: Double;
let own: Double;
let restore = (): void => undefined;

beforeEach(async () => {
  shared = await startMyRest(['read']);
  own = await startMyRest(['read', 'refund']);
});

afterEach(async () => {
  restore();
  await Promise.all([shared.close(), own.close()]);
});

test('asks the shared my-rest about the customer', async () => {
  restore = useEntries({ 'my-rest.develop': shared.url });
  expect(await getPermissions('4711')).toEqual(['read']);
  expect(shared.asked).toEqual(['/get-customer-permissions?customer=4711']);
});

test('asks my-rest of the branch where there is one', async () => {
  restore = useEntries({ 'my-rest.develop': shared.url, 'my-rest.feature-x': own.url }, { namespace: 'feature-x' });
  expect(await getPermissions('4711')).toEqual(['read', 'refund']);
  expect(shared.asked).toEqual([]);
});

test('fails where the branch switched my-rest off, and asks nobody else', async () => {
  restore = useEntries({ 'my-rest.develop': shared.url, 'my-rest.feature-x': 'disabled' }, { namespace: 'feature-x' });
  await expect(getPermissions('4711')).rejects.toMatchObject({ code: 'ERR_SERVICE_DISABLED' });
  expect(shared.asked).toEqual([]);
});
