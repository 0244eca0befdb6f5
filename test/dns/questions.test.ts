// What a call asks DNS in a Pod, counted on the wire: glibc's own resolver, a Pod's resolv.conf, a real DNS server.

import { describe, expect, test } from 'vitest';

import { OF_A_LAPTOP, startPod } from './pod.ts';

const data = { 'my-rest.develop': '8080', 'orders.develop': '8080' };
const answers = {
  'my-rest.develop.svc.cluster.local': ['127.0.0.2'],
  'orders.develop.svc.cluster.local': ['127.0.0.3'],
};
const both = (...names: string[]): string[] => names.flatMap((name) => [`A ${name}`, `AAAA ${name}`]);
const oneName = both('my-rest.develop.svc.cluster.local');

describe('a cold call', () => {
  test('asks for one name, where a plain one asks for three or five', async (context) => {
    const pod = await startPod(context, { data, answers });
    const answered = { host: 'my-rest.develop.svc:8080' };
    expect(await pod.ask('call http://my-rest/')).toMatchObject({ result: [answered], questions: oneName });

    const short = await pod.ask('fetch http://my-rest.develop.svc:8080/');
    expect(short.result).toEqual(answered);
    expect(short.questions.toSorted()).toEqual(
      both(
        'my-rest.develop.svc.cluster.local',
        'my-rest.develop.svc.feature-x.svc.cluster.local',
        'my-rest.develop.svc.svc.cluster.local',
      ).toSorted(),
    );
    const long = await pod.ask('fetch http://my-rest.develop.svc.cluster.local:8080/');
    expect(long.result).toEqual({ host: 'my-rest.develop.svc.cluster.local:8080' });
    expect(long.questions.toSorted()).toEqual(
      both(
        'my-rest.develop.svc.cluster.local',
        'my-rest.develop.svc.cluster.local.cluster.local',
        'my-rest.develop.svc.cluster.local.corp.example',
        'my-rest.develop.svc.cluster.local.feature-x.svc.cluster.local',
        'my-rest.develop.svc.cluster.local.svc.cluster.local',
      ).toSorted(),
    );
    expect([short, long].map(({ questions }) => questions.length)).toEqual([6, 10]);
  });

  test('asks for one name by the long form, too', async (context) => {
    const template = 'http://{service}.{namespace}.svc.cluster.local';
    const pod = await startPod(context, { data: { ...data, template }, answers });
    expect(await pod.ask('call http://my-rest/')).toMatchObject({
      result: [{ host: 'my-rest.develop.svc.cluster.local:8080' }],
      questions: oneName,
    });
  });

  test('asks in the domain of its own cluster', async (context) => {
    const resolvConf =
      'search x.svc.k8s.example. svc.k8s.example. k8s.example.\nnameserver 127.0.0.1\noptions ndots:5\n';
    const pod = await startPod(context, {
      data,
      answers: { 'my-rest.develop.svc.k8s.example': ['127.0.0.2'] },
      resolvConf,
    });
    expect(await pod.ask('call http://my-rest/')).toMatchObject({
      result: [{ host: 'my-rest.develop.svc:8080' }],
      questions: both('my-rest.develop.svc.k8s.example'),
    });
  });

  test('asks no more when there are fifty of them', async (context) => {
    const pod = await startPod(context, { data, answers });
    const { result, questions } = await pod.ask('call http://my-rest/ 50');
    expect(result).toEqual(Array.from({ length: 50 }, () => ({ host: 'my-rest.develop.svc:8080' })));
    expect(questions).toEqual(oneName);
    expect((await pod.ask('call http://orders/ 50')).questions).toEqual(both('orders.develop.svc.cluster.local'));
    expect((await pod.ask('call http://my-rest/ 50')).questions).toEqual([]);
  });
});

describe('an answer', () => {
  test('is used for five seconds, and then asked for again', async (context) => {
    const pod = await startPod(context, { data, answers });
    expect((await pod.ask('call http://my-rest/')).questions).toEqual(oneName);
    await pod.ask('pass 1000');
    expect((await pod.ask('call http://my-rest/')).questions).toEqual([]);
    await pod.ask('pass 4000');
    expect((await pod.ask('call http://my-rest/')).questions).toEqual(oneName);
    expect((await pod.ask('call http://my-rest/')).questions).toEqual([]);
  });

  test('is used by nobody later with a ttl of 0, but by all who wait', async (context) => {
    const pod = await startPod(context, { data, answers, lookup: { ttl: 0 } });
    for (let round = 0; round < 3; round += 1)
      expect((await pod.ask('call http://my-rest/')).questions).toEqual(oneName);
    expect((await pod.ask('call http://my-rest/ 50')).questions).toEqual(oneName);
  });

  test('that is another one later is seen then', async (context) => {
    const name = 'my-rest.develop.svc.cluster.local';
    const pod = await startPod(context, { data, answers });
    const found = async (): Promise<unknown> => (await pod.ask('find my-rest.develop.svc')).result;
    expect(await found()).toBe('127.0.0.2');
    await pod.ask(`answer ${name} ["127.0.0.9"]`);
    expect(await found()).toBe('127.0.0.2');
    await pod.ask('pass 5000');
    expect(await found()).toBe('127.0.0.9');
  });

  test('has all addresses, or the first, of the family that is asked for', async (context) => {
    const name = 'my-rest.develop.svc.cluster.local';
    const pod = await startPod(context, { answers: { [name]: ['127.0.0.2', '127.0.0.3'] } });
    const find = async (options: object) => pod.ask(`find my-rest.develop.svc ${JSON.stringify(options)}`);
    const addresses = [
      { address: '127.0.0.2', family: 4 },
      { address: '127.0.0.3', family: 4 },
    ];
    expect(await find({ all: true })).toMatchObject({ result: addresses, questions: oneName });
    expect(await find({})).toMatchObject({ result: '127.0.0.2', questions: [] });
    expect(await find({ all: true, family: 4 })).toMatchObject({ result: addresses, questions: [`A ${name}`] });
    expect(await find({ family: 6 })).toMatchObject({ error: { code: 'ENOTFOUND' } });
  });
});

describe('what is no name of the cluster', () => {
  const others = [
    'example.com',
    'my-rest',
    'my-rest.develop',
    'my-rest.develop.svc.',
    'my-rest.develop.svc.example.com',
  ];

  test('is asked for as dns.lookup asks, every time', async (context) => {
    const pod = await startPod(context, { answers: { 'example.com': ['127.0.0.8'], ...answers } });
    for (const name of others) {
      const { result, error, questions } = await pod.ask(`lookup ${name} {"all":true}`);
      expect(questions.length).toBeGreaterThan(0);
      for (let round = 0; round < 2; round += 1) {
        const found = await pod.ask(`find ${name} {"all":true}`);
        expect(found.questions.toSorted()).toEqual(questions.toSorted());
        expect([found.result, found.error?.code]).toEqual([result, error?.code]);
      }
    }
    expect(await pod.ask('find localhost')).toMatchObject({ result: '127.0.0.1', questions: [] });
    expect(await pod.ask('find 127.0.0.7')).toMatchObject({ result: '127.0.0.7', questions: [] });
  });

  test('is everything outside of a cluster', async (context) => {
    const pod = await startPod(context, {
      data,
      answers: { 'my-rest.develop.svc': ['127.0.0.5'] },
      resolvConf: OF_A_LAPTOP,
    });
    const called = await pod.ask('call http://my-rest/ 2');
    const answered = { host: 'my-rest.develop.svc:8080' };
    expect(called).toMatchObject({ result: [answered, answered] });
    // Each of the two asks for itself.
    expect(called.questions).toHaveLength(4);
    for (const name of [...others, 'my-rest.develop.svc', 'orders.develop.svc.cluster.local']) {
      const { questions } = await pod.ask(`lookup ${name}`);
      expect((await pod.ask(`find ${name}`)).questions.toSorted()).toEqual(questions.toSorted());
    }
  });
});
