import { type Explanation, setDefaultResolver, type Status } from 'branchline';
import { inspect, type InspectOptions } from 'branchline/express';
import { describe, expect, onTestFinished, test } from 'vitest';

import { record } from '../doubles/recorder.ts';
import { open, serve, versions } from './served.ts';

const DATA = {
  'my-rest.develop': '8080',
  '_admin.my-rest.develop': '9090',
  'my-rest.feature-x': '',
  'billing.feature-y': 'https://user:secret@billing.example.com',
};

interface Inspected {
  status: Status;
  table: object[];
  explanation?: Explanation;
  text?: string;
  refused?: string[];
}

describe.each(versions)('with %s', (_, make) => {
  const start = async (resolver = open(DATA)) => {
    const { ask } = await serve(make, (app) => app.get('/admin', inspect({ resolver })));
    const look = async (query = ''): Promise<Inspected> => {
      const { status, json } = await ask(`/admin${query}`);
      expect(status).toBe(200);
      return json as Inspected;
    };
    return { ask, look, resolver };
  };

  test('the handler shows what the Pod knows, and is kept by nobody', async () => {
    const { ask, look, resolver } = await start();
    const { headers } = await ask('/admin');
    expect(headers['content-type']).toMatch(/^application\/json/);
    expect(headers['cache-control']).toBe('no-store');
    const { status, ...rest } = await look();
    expect(status).toMatchObject({ configured: true, namespace: 'develop', revision: 1, entries: 4, closed: false });
    expect(status.digest).toBe(resolver.status().digest);
    const ours = { source: 'memory', state: 'live', endpoint: 'default' };
    expect(rest).toEqual({
      table: [
        { ...ours, service: 'billing', namespace: 'feature-y', value: 'invalid', state: 'invalid' },
        { ...ours, service: 'my-rest', namespace: 'develop', value: '8080' },
        { ...ours, service: 'my-rest', namespace: 'develop', value: '9090', endpoint: 'admin' },
        { ...ours, service: 'my-rest', namespace: 'feature-x', value: '' },
      ],
    });
  });

  test('a secret in an address is not shown', async () => {
    const { ask } = await start();
    for (const query of [
      '',
      '?service=billing',
      '?service=billing&namespace=feature-y',
      '?service=billing&request=feature-y',
    ])
      expect((await ask(`/admin${query}`)).body).not.toContain('secret');
  });

  test('?service= explains where a call would go', async () => {
    const { look, resolver } = await start();
    const { explanation, text, refused } = await look('?service=my-rest');
    expect(explanation).toEqual(JSON.parse(JSON.stringify(resolver.explain('my-rest'))));
    expect(explanation?.resolution).toMatchObject({ url: 'http://my-rest.develop.svc:8080', via: 'baseline' });
    expect(text).toBe(String(resolver.explain('my-rest')));
    expect(refused).toBeUndefined();
    const admin = await look('?service=my-rest&endpoint=admin');
    expect(admin.explanation?.resolution?.url).toBe('http://my-rest.develop.svc:9090');
    const exact = await look('?service=my-rest&namespace=feature-x');
    expect(exact.explanation?.resolution?.url).toBe('http://my-rest.feature-x.svc:8080');
  });

  test.each([
    ['service=Not_A_Name', 'ERR_INVALID_NAME'],
    ['service=', 'ERR_INVALID_NAME'],
    ['service=my-rest&endpoint=__proto__', 'ERR_INVALID_NAME'],
    ['service=my-rest&namespace=x@evil.com%23', 'ERR_INVALID_NAME'],
    ['service=my-rest&namespace=feature-z', 'ERR_SERVICE_NOT_FOUND'],
    ['service=billing&namespace=feature-y', 'ERR_ENTRY_INVALID'],
  ])('what cannot be answered is explained, too: %s', async (query, code) => {
    const { look } = await start();
    expect((await look(`?${query}`)).explanation).toMatchObject({ resolution: null, error: { code } });
  });

  test('&request= explains it for a request with that wish, and says what would be refused; nothing is counted', async () => {
    const { look, resolver } = await start();
    const { refused: told } = record(resolver);
    const known = await look('?service=my-rest&request=feature-x');
    expect(known.refused).toEqual([]);
    expect(known.explanation?.resolution).toMatchObject({ namespace: 'feature-x', via: 'override' });
    expect(known.explanation?.steps[0]).toMatchObject({ namespace: 'feature-x', because: 'context' });

    const pinned = await look(`?service=my-rest&request=${encodeURIComponent('my-rest.feature-x')}`);
    expect(pinned.explanation?.steps[0]).toMatchObject({ namespace: 'feature-x', because: 'pin' });

    const unknown = await look('?service=my-rest&request=feature-z~billing.feature-x');
    expect(unknown.refused).toEqual(['feature-z', 'billing.feature-x']);
    const malformed = await look('?service=my-rest&request=A');
    expect(malformed.refused).toEqual(['A']);
    expect(malformed.explanation?.resolution?.via).toBe('baseline');
    expect([resolver.status().refused, told]).toEqual([0, []]);
    // As the middleware has it: nothing is no wish, and white space around one does not count.
    expect((await look('?service=my-rest&request=')).refused).toBeUndefined();
    expect((await look('?service=my-rest&request=%20feature-x%20')).refused).toEqual([]);
    expect((await look('?request=feature-z')).refused).toEqual(['feature-z']);
  });

  test.each(['service', 'endpoint', 'namespace', 'request'])('?%s= twice is 400', async (name) => {
    const { ask } = await start();
    for (const query of [`${name}=a&${name}=b`, `service=my-rest&${name}=a&${name}=a`]) {
      const { status, json } = await ask(`/admin?${query}`);
      expect([status, json]).toEqual([
        400,
        { error: { message: `the query has ${name} more than once, or as an object; want one text.` } },
      ]);
    }
  });

  test('a query that is no text never fails in another way', async () => {
    const { ask } = await start();
    for (const query of ['service[a]=1', 'service[]=1', '__proto__[service]=1', 'service=%', '%', 'service=%00', 'x=1'])
      expect([200, 400]).toContain((await ask(`/admin?${query}`)).status);
  });

  test('without a table it shows that', async () => {
    const { look } = await start(open({}, { namespace: 'feature-x' }));
    expect(await look('?service=my-rest')).toMatchObject({
      status: { configured: false, entries: 0 },
      table: [],
      explanation: { configured: false, resolution: { via: 'unconfigured', url: 'http://my-rest' } },
    });
  });

  test('the default resolver of the moment is shown where none is named', async () => {
    const { ask } = await serve(make, (app) => app.get('/admin', inspect()));
    onTestFinished(setDefaultResolver(open({ 'a.develop': '1' }, { namespace: 'feature-q' })));
    expect(await ask('/admin')).toMatchObject({ json: { status: { namespace: 'feature-q', entries: 1 } } });
  });
});

test.each([
  ['null', null, 'inspect takes an object of options, not null'],
  ['an option that there is not', { trust: true }, 'inspect has no option "trust"'],
  ['a resolver that is none', { resolver: {} }, 'the resolver is an object'],
])('%s is a TypeError at creation', (_, options, message) => {
  const wrong = (): unknown => inspect(options as InspectOptions);
  expect(wrong).toThrow(TypeError);
  expect(wrong).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }));
  expect(wrong).toThrow(message);
});
