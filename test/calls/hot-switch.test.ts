// The table changes under load: whoever is called is who a revision alive during the call says.

import { setTimeout as pause } from 'node:timers/promises';

import { createFetch, createResolver, memorySource, resolutionOf } from 'branchline';
import { expect, test } from 'vitest';

import { type HttpServer, startServer } from '../doubles/http-server.ts';
import { record } from '../doubles/recorder.ts';

/** The long form is 30 s: `HOT_SWITCH_SECONDS=30`. */
const SECONDS = Number(process.env['HOT_SWITCH_SECONDS'] ?? 5);
const CLIENTS = 32;
const FLIP_EVERY = 1000 / 20;

/** Answers with its name: at once, or long after the table has changed; sometimes in two parts. */
function startNamed(name: string): Promise<HttpServer> {
  let count = 0;
  return startServer((_, response) => {
    count += 1;
    response.setHeader('x-name', name);
    if (count % 8 !== 0) response.end(name);
    else if (count % 16 === 0) setTimeout(() => response.end(name), 3 * FLIP_EVERY);
    else {
      response.write(name.slice(0, 1));
      setTimeout(() => response.end(name.slice(1)), 2 * FLIP_EVERY);
    }
  });
}

test(
  `an entry flipped at 20 Hz for ${SECONDS} s under ${CLIENTS} clients: every answer is of a revision alive, none fails`,
  { timeout: (SECONDS + 25) * 1000 },
  async () => {
    const [develop, branch] = [await startNamed('develop'), await startNamed('feature-x')];
    const baseline = { 'my-rest.develop': develop.url };
    const both = { ...baseline, 'my-rest.feature-x': branch.url };
    const source = memorySource(both);
    const resolver = createResolver({ sources: [source], namespace: 'feature-x' });
    const events = record(resolver);
    const fetch = createFetch({ resolver });

    /** Who answers, by revision. */
    const saidBy = new Map([[resolver.status().revision, 'feature-x']]);
    resolver.on('change', ({ revision, changes }) => {
      saidBy.set(revision, changes[0]?.to === null ? 'develop' : 'feature-x');
    });

    let running = true;
    let flips = 0;
    const flipping = (async () => {
      while (running) {
        flips += 1;
        source.set(flips % 2 === 0 ? both : baseline);
        await pause(FLIP_EVERY);
      }
    })();

    const seen = new Map<string, number>();
    const wrong: object[] = [];
    let acrossFlips = 0;
    const client = async (): Promise<void> => {
      while (running) {
        const first = resolver.status().revision;
        const response = await fetch('http://my-rest/');
        const name = await response.text();
        const last = resolver.status().revision;
        const { namespace, revision } = resolutionOf(response) ?? { namespace: null, revision: 0 };
        const isAlive = first <= revision && revision <= last;
        if (!isAlive || name !== namespace || name !== saidBy.get(revision) || response.headers.get('x-name') !== name)
          wrong.push({ first, revision, last, name, namespace, said: saidBy.get(revision) });
        if (last > first) acrossFlips += 1;
        seen.set(name, (seen.get(name) ?? 0) + 1);
      }
    };
    const clients = Array.from({ length: CLIENTS }, client);
    await pause(SECONDS * 1000);
    running = false;
    // One that failed rejects here.
    await Promise.all([flipping, ...clients]);

    expect(wrong).toEqual([]);
    expect([...seen.keys()].toSorted()).toEqual(['develop', 'feature-x']);
    expect(develop.asked.length + branch.asked.length).toBe([...seen.values()].reduce((sum, count) => sum + count));
    // The table did change, and calls were under way when it did.
    expect(events.change).toHaveLength(flips);
    expect(flips).toBeGreaterThan(SECONDS);
    expect(acrossFlips).toBeGreaterThan(CLIENTS);
    expect({ ...events, change: [] }).toEqual({ change: [], stale: [], recovered: [], problem: [], refused: [] });
  },
);
