// createDispatcher() with undici's request, beside the same request on the final URL.

import { context, createResolver, memorySource } from 'branchline';
import { createDispatcher } from 'branchline/undici';
import { Agent, request } from 'undici';

import { start } from '../harness/child.ts';
import { cpuOf } from '../harness/cpu.ts';
import { interleave, interval, typical } from '../harness/interleave.ts';
import { type Part, row, type Target } from '../harness/part.ts';

const PAIRS = 60;
const REQUESTS = 2000;

export const dispatching: Part = {
  name: 'dispatcher',
  title: "createDispatcher() with undici's request, CPU of the client a request",
  async run({ times, progress }) {
    const server = await start<number>('server');
    const host = `127.0.0.1:${server.said}`;
    const resolver = createResolver({
      sources: [memorySource({ 'my-rest.develop': host, 'my-rest.feature-x': host })],
      namespace: 'develop',
    });
    const bare = new Agent();
    const routed = createDispatcher({ resolver });
    const final = `http://${host}/get-customer-permissions`;
    const byName = 'http://my-rest/get-customer-permissions';
    const headers = { baggage: 'branchline=feature-x' };
    const get = async (answer: ReturnType<typeof request>): Promise<unknown> => (await answer).body.json();
    const requests = times(REQUESTS, 20);

    progress(`${PAIRS} rounds of ${REQUESTS} requests each`);
    const clients = {
      bare: cpuOf(() => get(request(final, { dispatcher: bare })), requests),
      ours: cpuOf(() => get(request(byName, { dispatcher: routed })), requests),
    };
    await interleave(clients, times(3, 1));
    const rounds = await interleave(clients, times(PAIRS, 3));
    // Only now: on Node 20 the first AsyncLocalStorage of a process makes every promise in it dearer, of either side.
    progress('within a request');
    const within = {
      byHand: cpuOf(() => context.run({}, () => get(request(final, { dispatcher: bare, headers }))), requests),
      withWish: cpuOf(
        () => context.run({ namespaces: ['feature-x'] }, () => get(request(byName, { dispatcher: routed }))),
        requests,
      ),
    };
    await interleave(within, times(3, 1));
    const inRequest = await interleave(within, times(PAIRS / 2, 3));
    await Promise.all([server.stop(), resolver.close(), bare.close(), routed.close()]);

    const us = (name: keyof typeof clients): string => `${typical(rounds, name).toFixed(1)} µs`;
    const usWithin = (name: keyof typeof within): string => `${typical(inRequest, name).toFixed(1)} µs`;
    const target: Target = { most: 1.08 };
    const ours = interval(rounds, 'ours', 'bare');
    return [
      row("request('http://my-rest/…')", 'undici request, final URL', ours, {
        target,
        note: `${us('ours')} beside ${us('bare')}; the spread is the 95 % interval of the median of ${rounds.length} pairs`,
      }),
      row('the same with a wish', 'undici request, header by hand', interval(inRequest, 'withWish', 'byHand'), {
        note: `${usWithin('withWish')} beside ${usWithin('byHand')}, both in a context`,
      }),
    ];
  },
};
