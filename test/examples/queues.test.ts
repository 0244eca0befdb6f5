import { context, createResolver, fetch, memorySource, resolve, setDefaultResolver } from 'branchline';
import { useEntries } from 'branchline/testing';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { type Data, enqueue, ownQueue, processor, type Queue } from '../../examples/queues/bullmq.ts';
import { eachMessage, type Handlers, type Message, message, ownGroup } from '../../examples/queues/kafka.ts';
import { standIns } from './stand-ins.ts';

interface Invoice {
  readonly order: number;
}

/** Who the worker's own call reaches. */
const callBilling = async (): Promise<string> => ((await (await fetch('http://billing/')).json()) as { by: string }).by;

const data = async (...workers: readonly string[]): Promise<Record<string, string>> => ({
  ...Object.fromEntries(workers.map((namespace) => [`invoicing.${namespace}`, ''])),
  ...(await standIns('billing.develop', 'billing.feature-x', 'billing.feature-y')).urls,
});

/** Runs `fn` as in a Pod of this namespace. */
async function inPod<T>(namespace: string | null, table: Record<string, string>, fn: () => T): Promise<Awaited<T>> {
  const restore = useEntries(table, { namespace });
  try {
    return await fn();
  } finally {
    restore();
  }
}

describe('jobs of BullMQ', () => {
  /** Redis: what is put in comes out as JSON. */
  function createQueues(): { queues: (name: string) => Queue<Invoice>; jobs: Record<string, string[]> } {
    const jobs: Record<string, string[]> = {};
    const queues = (name: string): Queue<Invoice> => ({
      add(_, job) {
        (jobs[name] ??= []).push(JSON.stringify(job));
        return Promise.resolve();
      },
    });
    return { queues, jobs };
  }

  const work = (jobs: readonly string[] | undefined): Promise<string[]> => {
    const run = processor<Invoice, string>(async ({ order }) => `${order} by ${await callBilling()}`);
    return Promise.all((jobs ?? []).map((job) => run({ data: JSON.parse(job) as Data<Invoice> })));
  };

  test('go to the queue of the worker that a call would reach', async () => {
    const { queues, jobs } = createQueues();
    const table = await data('develop', 'feature-x');
    await inPod('develop', table, async () => {
      await enqueue(queues, { order: 1 });
      await context.run({ namespaces: ['feature-x'] }, () => enqueue(queues, { order: 2 }));
      await context.run({ namespaces: ['feature-y'] }, () => enqueue(queues, { order: 3 }));
    });
    await inPod('feature-x', table, () => enqueue(queues, { order: 4 }));
    await inPod('feature-y', table, () => enqueue(queues, { order: 5 }));

    expect(await inPod('develop', table, () => work(jobs[ownQueue()]))).toEqual([
      '1 by billing.develop',
      '3 by billing.feature-y',
      '5 by billing.feature-y',
    ]);
    expect(await inPod('feature-x', table, () => work(jobs[ownQueue()]))).toEqual([
      '2 by billing.feature-x',
      '4 by billing.feature-x',
    ]);
    expect(Object.keys(jobs)).toEqual(['invoicing-develop', 'invoicing-feature-x']);
  });

  test('with a wish that the table does not know fail, and are not worked on', async () => {
    const { queues, jobs } = createQueues();
    const wish = { namespaces: ['feature-z'] };
    const table = await data('develop');
    await inPod('develop', table, () => context.run(wish, () => enqueue(queues, { order: 1 })));
    await expect(inPod('develop', table, () => work(jobs[ownQueue()]))).rejects.toMatchObject({
      code: 'ERR_OVERRIDE_REFUSED',
    });
  });

  test('are in one queue where nothing is configured', async () => {
    const { queues, jobs } = createQueues();
    await inPod('production', {}, async () => {
      await enqueue(queues, { order: 1 });
      expect(Object.keys(jobs)).toEqual([ownQueue()]);
      expect(jobs).toEqual({ invoicing: ['{"payload":{"order":1},"headers":{}}'] });
    });
  });
});

describe('messages of Kafka', () => {
  /** A topic: headers come out as bytes. */
  const stored = ({ value, headers = {} }: Message): Message => ({
    value: Buffer.from(String(value)),
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(String(text))])),
  });

  const wishing = (...namespaces: string[]): Message =>
    context.run({ namespaces }, () => stored(message({ to: namespaces })));

  /** What the group of this namespace does with the topic. */
  function read(
    namespace: string,
    table: Record<string, string>,
    topic: readonly Message[],
    bill = callBilling,
  ): Promise<{ worked: unknown[]; parked: unknown[] }> {
    const ofNobody = createResolver({ sources: [memorySource(table)], namespace: null });
    onTestFinished(() => ofNobody.close());
    const worked: unknown[] = [];
    const parked: unknown[] = [];
    const handlers: Handlers = {
      async work(payload) {
        worked.push([payload, await bill()]);
      },
      park({ value }) {
        parked.push(JSON.parse(String(value)));
        return Promise.resolve();
      },
    };
    return inPod(namespace, table, async () => {
      const each = eachMessage('invoicing', handlers, ofNobody);
      for (const one of topic) await each({ message: one });
      return { worked, parked };
    });
  }

  test('are worked on by one group each: of the namespace that a call would reach', async () => {
    const table = await data('develop', 'feature-x');
    const restore = useEntries(table);
    const topic = [
      stored(message({ to: [] })),
      wishing('feature-x'),
      wishing('feature-y'),
      wishing('feature-y', 'feature-x'),
    ];
    restore();

    expect(await read('develop', table, topic)).toEqual({
      worked: [
        [{ to: [] }, 'billing.develop'],
        [{ to: ['feature-y'] }, 'billing.feature-y'],
      ],
      parked: [],
    });
    expect(await read('feature-x', table, topic)).toEqual({
      worked: [
        [{ to: ['feature-x'] }, 'billing.feature-x'],
        [{ to: ['feature-y', 'feature-x'] }, 'billing.feature-y'],
      ],
      parked: [],
    });
  });

  test('of a Pod of a branch have its namespace with them', async () => {
    const table = await data('develop', 'feature-x');
    const sent = await inPod('feature-x', table, () => message({ order: 1 }));
    expect(sent).toEqual({
      value: '{"order":1}',
      headers: { 'content-type': 'application/json', baggage: 'branchline=feature-x' },
    });
  });

  test('with a wish that nobody knows are kept by the group of the baseline, and worked on by none', async () => {
    const table = await data('develop', 'feature-x');
    const restore = useEntries(table);
    const topic = [wishing('feature-z')];
    restore();
    expect(await read('develop', table, topic)).toEqual({ worked: [], parked: [{ to: ['feature-z'] }] });
    expect(await read('feature-x', table, topic)).toEqual({ worked: [], parked: [] });
  });

  test('are all worked on where nothing is configured', async () => {
    const topic = [
      stored({ value: '{"order":1}' }),
      stored({ value: '{"order":2}', headers: { baggage: 'branchline=x' } }),
    ];
    expect(await read('production', {}, topic, () => Promise.resolve(resolve('billing')))).toEqual({
      worked: [
        [{ order: 1 }, 'http://billing'],
        [{ order: 2 }, 'http://billing'],
      ],
      parked: [],
    });
  });

  test('are divided by the table that the Pod reads', async () => {
    for (const name of Object.keys(process.env)) if (name.startsWith('BRANCHLINE_')) vi.stubEnv(name, undefined);
    for (const [key, value] of Object.entries(await data('develop', 'feature-x')))
      vi.stubEnv(`BRANCHLINE_${key.toUpperCase().replaceAll('-', '_').replace('.', '__')}`, value);
    const own = createResolver({ namespace: 'feature-x' });
    onTestFinished(setDefaultResolver(own));
    onTestFinished(() => own.close());

    const worked: unknown[] = [];
    const work = (payload: unknown): Promise<void> => {
      worked.push(payload);
      return Promise.resolve();
    };
    const each = eachMessage('invoicing', { work, park: () => Promise.reject(new Error('parked')) });
    for (const one of [stored({ value: '"of nobody"' }), wishing('feature-x'), wishing('feature-y')])
      await each({ message: one });
    expect(worked).toEqual([{ to: ['feature-x'] }, { to: ['feature-y'] }]);
  });

  test('are read by a group for each namespace', async () => {
    await inPod('feature-x', {}, () => expect(ownGroup('invoicing')).toBe('invoicing-feature-x'));
    await inPod(null, {}, () => expect(ownGroup('invoicing')).toBe('invoicing'));
  });
});
