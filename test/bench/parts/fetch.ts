// fetch('http://my-rest/…') beside the built-in fetch on the final URL, and beside the clients that people use.

import axios from 'axios';
import { context, createFetch, createResolver, memorySource } from 'branchline';
import { got } from 'got';
import ky from 'ky';

import { start } from '../harness/child.ts';
import { cpuOf } from '../harness/cpu.ts';
import { interleave, interval, typical } from '../harness/interleave.ts';
import { isMet, type Part, row, type Target } from '../harness/part.ts';

const PAIRS = 60;
const REQUESTS = 2000;

export const fetching: Part = {
  name: 'fetch',
  title: "fetch('http://my-rest/…'), CPU of the client a request",
  async run({ times, progress }) {
    const server = await start<number>('server');
    const host = `127.0.0.1:${server.said}`;
    const resolver = createResolver({
      sources: [memorySource({ 'my-rest.develop': host, 'my-rest.feature-x': host })],
      namespace: 'develop',
    });
    const routed = createFetch({ resolver });
    const final = `http://${host}/get-customer-permissions`;
    const byName = 'http://my-rest/get-customer-permissions';
    const baggage = 'branchline=feature-x';
    const get = async (answer: Promise<Response>): Promise<unknown> => (await answer).json();
    const requests = times(REQUESTS, 20);

    progress(`${PAIRS} rounds of ${REQUESTS} requests each`);
    const clients = {
      'built-in': cpuOf(() => get(fetch(final)), requests),
      ours: cpuOf(() => get(routed(byName)), requests),
      ky: cpuOf(() => ky.get(final).json(), requests),
      axios: cpuOf(() => axios.get(final), requests),
      got: cpuOf(() => got.get(final).json(), requests),
    };
    await interleave(clients, times(3, 1));
    const rounds = await interleave(clients, times(PAIRS, 3));
    // Only now: on Node 20 the first AsyncLocalStorage of a process makes every promise in it dearer, of either side.
    progress('within a request');
    const within = {
      byHand: cpuOf(() => context.run({}, () => get(fetch(final, { headers: { baggage } }))), requests),
      withWish: cpuOf(() => context.run({ namespaces: ['feature-x'] }, () => get(routed(byName))), requests),
    };
    await interleave(within, times(3, 1));
    const inRequest = await interleave(within, times(PAIRS / 2, 3));
    await Promise.all([server.stop(), resolver.close()]);

    const us = (name: keyof typeof clients): string => `${typical(rounds, name).toFixed(0)} µs`;
    const usWithin = (name: keyof typeof within): string => `${typical(inRequest, name).toFixed(0)} µs`;
    const target: Target = { most: 1.03 };
    const ours = interval(rounds, 'ours', 'built-in');
    const wish = interval(inRequest, 'withWish', 'byHand');
    const below: Target = { most: 0.999 };
    return [
      row("fetch('http://my-rest/…')", 'built-in fetch, final URL', ours, {
        target,
        met: isMet(ours.low, target),
        note: `${us('ours')} beside ${us('built-in')}; the spread is the 95 % interval of the median of ${rounds.length} pairs`,
      }),
      row('the same with a wish', 'built-in fetch, header by hand', wish, {
        note: `${usWithin('withWish')} beside ${usWithin('byHand')}, both in a context`,
      }),
      row("fetch('http://my-rest/…')", 'ky', interval(rounds, 'ours', 'ky'), { target: below, note: us('ky') }),
      row("fetch('http://my-rest/…')", 'axios', interval(rounds, 'ours', 'axios'), {
        target: below,
        note: `${us('axios')}, through node:http; the built-in fetch itself is ${interval(rounds, 'built-in', 'axios').median.toFixed(2)} × that`,
      }),
      row("fetch('http://my-rest/…')", 'got', interval(rounds, 'ours', 'got'), { target: below, note: us('got') }),
    ];
  },
};
