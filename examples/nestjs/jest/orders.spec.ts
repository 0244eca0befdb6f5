// A test of the application in Jest: real HTTP, with a stand-in for each `billing` that is deployed. For Nest 11 the preset
// of ts-jest will do. Nest 12 is ESM: Jest wants `node --experimental-vm-modules` for it, and Node 24 or its own ESM mode.

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { createResolver } from 'branchline';
import { memorySource } from 'branchline/testing';

import { type Double, startMyRest } from '../../testing/my-rest-double';
import { RESOLVER } from '../branchline.module';
import { OrdersModule } from '../orders.module';

let shared: Double;
let own: Double;
let app: INestApplication;

beforeEach(async () => {
  shared = await startMyRest(['invoice of develop']);
  own = await startMyRest(['invoice of feature-x']);
  const billing = memorySource({ 'billing.develop': shared.url, 'billing.feature-x': own.url });
  const resolver = createResolver({ sources: [billing], namespace: 'develop' });
  const testing = await Test.createTestingModule({ imports: [OrdersModule] })
    .overrideProvider(RESOLVER)
    .useValue(resolver)
    .compile();
  app = testing.createNestApplication();
  await app.listen(0, '127.0.0.1');
});

afterEach(async () => {
  await app.close();
  await Promise.all([shared.close(), own.close()]);
});

async function order(headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${await app.getUrl()}/orders`, { method: 'POST', headers });
}

test('asks the shared billing', async () => {
  const response = await order();
  expect(await response.json()).toEqual(['invoice of develop']);
  expect(own.asked).toEqual([]);
});

test('asks the billing of the branch that a request wishes for, and says so', async () => {
  const response = await order({ baggage: 'branchline=feature-x' });
  expect(await response.json()).toEqual(['invoice of feature-x']);
  expect(response.headers.get('branchline-accepted')).toBe('feature-x');
  expect(shared.asked).toEqual([]);
});

test('refuses a wish for a branch that nobody knows', async () => {
  const response = await order({ baggage: 'branchline=feature-z' });
  expect(response.status).toBe(412);
  expect([...shared.asked, ...own.asked]).toEqual([]);
});
