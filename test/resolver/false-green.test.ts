// What must not look like absence: each of these once answered from the baseline in silence.

import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { createResolver, dotenvSource, envSource, fileSource, mountSource, type Source } from 'branchline';
import { describe, expect, test } from 'vitest';

import { temporaryFolder } from '../doubles/folder.ts';
import { record } from '../doubles/recorder.ts';

function follow(source: Source) {
  const resolver = createResolver({ sources: [source], namespace: 'feature-x', watch: false, pollInterval: 3_600_000 });
  return { resolver, events: record(resolver) };
}

function folder(files: Record<string, string>) {
  const path = temporaryFolder();
  const write = (name: string, text: string): void => writeFileSync(join(path, name), text);
  for (const [name, text] of Object.entries(files)) write(name, text);
  return { path, write };
}

const manifest = (data: Record<string, unknown>): string => JSON.stringify({ kind: 'ConfigMap', data });
const branch = 'http://a.feature-x.svc:8081';
const inner = { 'r.json': '{"a.feature-x": 8081}' };

describe('a document inside a manifest', () => {
  test.each([
    ['does not parse', '{'],
    ['is blank', ''],
    ['is of another kind', JSON.stringify({ kind: 'ConfigMapp', data: inner })],
    ['has a list for its data', JSON.stringify({ kind: 'ConfigMap', data: [] })],
    ['is too large', ' '.repeat(1024 * 1024 + 1)],
    ['has an object where the document was', manifest({ 'r.json': { 'a.feature-x': 8081 } })],
    [
      'has the document as binary data',
      JSON.stringify({ kind: 'ConfigMap', data: { 'b.develop': '1' }, binaryData: { 'r.json': 'e30=' } }),
    ],
    ['has a manifest where the document was', manifest({ 'r.json': manifest(inner) })],
    ['has its entries beside the data', JSON.stringify({ kind: 'ConfigMap', data: {}, 'a.feature-x': '8081' })],
    ['has its entries as of a Secret', JSON.stringify({ kind: 'ConfigMap', stringData: inner })],
  ])('keeps what it said when the manifest %s', async (_, text) => {
    const { path, write } = folder({ 'a.develop': '8080', 'cm.json': manifest(inner) });
    const { resolver, events } = follow(mountSource({ path }));
    expect(resolver.resolve('a')).toBe(branch);
    write('cm.json', text);
    await resolver.reload();
    expect(resolver.resolve('a')).toBe(branch);
    expect(resolver.explain('a').steps.at(-1)?.stale).toBe(true);
    expect(events.stale.length).toBeGreaterThan(0);

    // Broken again in another way: the last good state is still known.
    write('cm.json', manifest({ 'r.json': '{' }));
    await resolver.reload();
    expect(resolver.resolve('a')).toBe(branch);
    write('cm.json', manifest({ 'r.json': '{"a.feature-x": 8082}' }));
    await resolver.reload();
    expect(resolver.resolve('a')).toBe('http://a.feature-x.svc:8082');
    expect(resolver.status().stale).toEqual([]);
    write('cm.json', manifest({ 'b.develop': '1' }));
    await resolver.reload();
    expect(resolver.resolve('a')).toBe('http://a.develop.svc:8080');
  });
});

describe('a service of a nested document', () => {
  const table = (service: string): string => `services:\n  s: { develop: 8080 }\n  ${service}\n`;

  test.each([
    ['without an endpoint', 't: { develop: 1, feature-x: {} }', '"t.feature-x" is an object without an endpoint'],
    ['with "Default" for an endpoint', 't: { develop: 1, feature-x: { Default: 8080 } }', '"_Default.t.feature-x"'],
    [
      'with a name for an endpoint that is too long',
      't: { develop: 1, feature-x: { averyveryverylong: 1 } }',
      '"_averyveryverylong.t.feature-x"',
    ],
  ])('%s is an error there, and not absent', (_, service, message) => {
    const { path } = folder({ 't.yaml': table(service) });
    const { resolver } = follow(fileSource({ path: join(path, 't.yaml') }));
    expect(() => resolver.resolve('t')).toThrow(
      expect.objectContaining({ code: 'ERR_ENTRY_INVALID', namespace: 'feature-x' }),
    );
    expect(() => resolver.resolve('t')).toThrow(message);
    expect(resolver.resolve('s')).toBe('http://s.develop.svc:8080');
  });

  test.each(['t: 8080', 't: [develop, feature-x]'])(
    'that names no namespace keeps what was known: %s',
    async (service) => {
      const { path, write } = folder({ 't.yaml': table('t: { feature-x: 1 }') });
      const { resolver, events } = follow(fileSource({ path: join(path, 't.yaml') }));
      write('t.yaml', table(service));
      await resolver.reload();
      expect(resolver.resolve('t')).toBe('http://t.feature-x.svc:1');
      expect(events.problem[0]?.message).toMatch(
        /t.yaml:3 does not parse: the service "t" is .*; want a mapping of its namespaces/,
      );
    },
  );
});

describe('a .env', () => {
  const lines = 'DB=x\nBRANCHLINE_BASELINE=develop\nBRANCHLINE_A__FEATURE_X=1\n';

  test('with nothing of ours left has vanished: everything it said stays', async () => {
    const { path, write } = folder({ 'x.env': lines });
    const { resolver, events } = follow(dotenvSource({ path: join(path, 'x.env') }));
    write('x.env', 'DB=x\n');
    await resolver.reload();
    expect(resolver.resolve('a')).toBe('http://a.feature-x.svc:1');
    expect(events.stale).toMatchObject([{ keys: null }]);
  });

  test('with nothing of ours at the start is no error, whatever else is in it', () => {
    const { path } = folder({ 'x.env': 'FOO=1\n  ' });
    expect(follow(dotenvSource({ path: join(path, 'x.env') })).resolver.lookup('a').via).toBe('unconfigured');
  });

  test.each([
    ['"BRANCHLINE_A__DEVELOP"=1', /is not read there; want NAME=value/],
    ['set BRANCHLINE_A__DEVELOP=1', /is not read there; want NAME=value/],
    ['declare -x BRANCHLINE_A__DEVELOP="1"', /"BRANCHLINE_A__DEVELOP" is not read there/],
    ['export "BRANCHLINE_A__DEVELOP=1"', /is not read there/],
    ['export FOO=1 BRANCHLINE_A__DEVELOP=1', /is not read there/],
    ['set -gx BRANCHLINE_A__DEVELOP 1\nsetx BRANCHLINE_A__DEVELOP=1', /is not read there/],
    ['$env:BRANCHLINE_A__DEVELOP=1', /is not read there/],
    ['- BRANCHLINE_A__DEVELOP=1', /is not read there/],
    ['FOO=1; BRANCHLINE_A__DEVELOP=1', /is not read there/],
    ['\u200bBRANCHLINE_A__DEVELOP=1', /is not read there/],
    ['BRANCHLINE_A/B__DEVELOP=1', /is no name that a .env can hold/],
    ['BRANCHLINE_A__DEVELOP=1\rBRANCHLINE_A__DEVELOP=2', /stands twice/],
    ['BRANCHLINE_A__DEVELOP=1\nBRANCH', /ends in the middle of a name/],
  ])('whose line is passed over does not parse: %j', (line, message) => {
    const { path } = folder({ 'x.env': `X=1\n${line}` });
    expect(() => createResolver({ sources: [dotenvSource({ path: join(path, 'x.env') })], namespace: null })).toThrow(
      message,
    );
  });

  test.each([
    '# BRANCHLINE_A__DEVELOP=1',
    "NOTE='set BRANCHLINE_A__DEVELOP=1'",
    'NOTE="see BRANCHLINE_A=1" # or BRANCHLINE_B=2',
    'X=1 # BRANCHLINE_A=1',
  ])('may speak of our names in a comment and in a quotation: %j', (line) => {
    const { path } = folder({ 'x.env': `${line}\n` });
    expect(follow(dotenvSource({ path: join(path, 'x.env') })).resolver.status().problems).toEqual([]);
  });

  test('that names BRANCHLINE_CONFIG is told that it has no effect', () => {
    const { path } = folder({ 'x.env': 'BRANCHLINE_CONFIG=t.json\n' });
    const { resolver } = follow(dotenvSource({ path: join(path, 'x.env') }));
    expect(resolver.status().problems).toMatchObject([
      { code: 'WARN_SETTING_UNKNOWN', key: 'BRANCHLINE_CONFIG', line: 1 },
    ]);
  });

  test('of the working folder that is a folder, as Python has it, is none', () => {
    const { path } = folder({ 'a.develop': '1' });
    const cwd = process.cwd();
    rmSync(join(path, 'a.develop'));
    symlinkSync(path, join(path, '.env'));
    process.chdir(path);
    try {
      expect(follow(dotenvSource()).resolver.status().sources[0]?.state).toBe('missing');
    } finally {
      process.chdir(cwd);
    }
    expect(() => createResolver({ sources: [dotenvSource({ path: join(path, '.env') })], namespace: null })).toThrow(
      /it is a folder/,
    );
  });
});

test.each([
  ['BRANCHLINE_MY_REST__FIX_SERVICE_PORT', 'my-rest', 'fix-service-port'],
  ['BRANCHLINE_MY_REST__FIX_SERVICE_PORT_BINDING', 'my-rest', 'fix-service-port-binding'],
  ['BRANCHLINE_USER_SERVICE_PORT__FEATURE_X', 'user-service-port', 'feature-x'],
  ['BRANCHLINE_MY_REST__FEATURE_PORT', 'my-rest', 'feature-port'],
])('%s is an entry, though it ends like a service link', (name, service, namespace) => {
  const resolver = createResolver({ sources: [envSource({ env: { [name]: '8080' } })], namespace });
  expect(resolver.lookup(service)).toMatchObject({ namespace, port: 8080 });
});

test('what Kubernetes sets for a Service called branchline-a--b is no entry', () => {
  const env = {
    BRANCHLINE_A__B_SERVICE_HOST: '10.0.0.1',
    BRANCHLINE_A__B_PORT: 'tcp://10.0.0.1:80',
    BRANCHLINE_A__B_PORT_80_TCP_ADDR: '10.0.0.1',
    BRANCHLINE_A__B_PORT_80_TCP_PROTO: 'tcp',
    BRANCHLINE_DB_SERVICE_PORT_HTTP: '80',
  };
  expect(createResolver({ sources: [envSource({ env })], namespace: null }).status()).toMatchObject({
    configured: false,
    problems: [],
  });
});

test.each([
  'services:\n  my-rest.feature-x:\n',
  'services: { my-rest.feature-x: {} }\n',
  'kind: ConfigMap\ndata: { my-rest.develop: "1" }\nData: { my-rest.feature-x: "2" }\n',
  'kind: ConfigMap\nDATA: { my-rest.feature-x: "2" }\n',
  'kind: ConfigMap\nbinaryData: [my-rest.feature-x]\n',
])('a document that passes over what somebody meant does not parse: %j', (text) => {
  const { path } = folder({ 't.yaml': text });
  expect(() => follow(fileSource({ path: join(path, 't.yaml') }))).toThrow(/ERR_CONFIG_INVALID.*does not parse/);
});

test('a key file beats what a broken document said before: one team does not freeze another', async () => {
  const { path, write } = folder({ 'a.develop': '1', 'routes.json': '{"a.feature-x": 2}' });
  const { resolver, events } = follow(mountSource({ path }));
  write('routes.json', '{');
  write('a.feature-x', '3');
  await resolver.reload();
  expect(resolver.resolve('a')).toBe('http://a.feature-x.svc:3');
  write('a.feature-x', '4');
  await resolver.reload();
  expect(resolver.resolve('a')).toBe('http://a.feature-x.svc:4');
  expect(events.problem.map(({ key }) => key)).toEqual(['routes.json']);
});

test('a raw variable is not taken for a service link', () => {
  const env = {
    'BRANCHLINE_svc.y_PORT': '1',
    'BRANCHLINE_svc.z_SERVICE_PORT': '1',
    BRANCHLINE_MY_REST__FEATURE_PORT: '8080',
    BRANCHLINE_DB_PORT: 'tcp://10.0.0.1:80',
  };
  const { resolver } = follow(envSource({ env }));
  expect(resolver.resolve('my-rest', { namespace: 'feature-port' })).toBe('http://my-rest.feature-port.svc:8080');
  expect(resolver.status().problems.flatMap(({ key }) => key ?? [])).toEqual([
    'BRANCHLINE_svc.y_PORT',
    'BRANCHLINE_svc.z_SERVICE_PORT',
  ]);
});

test.skipIf(process.platform !== 'linux')(
  'one file that is never the same twice does not keep the others from being read',
  async () => {
    const { path, write } = folder({ 'a.develop': '1' });
    const { resolver, events } = follow(mountSource({ path }));
    // Its size says 0, whatever is in it.
    symlinkSync('/proc/version', join(path, 'b.feature-x'));
    write('a.feature-x', '2');
    await resolver.reload();
    expect(resolver.resolve('a')).toBe('http://a.feature-x.svc:2');
    expect(() => resolver.resolve('b')).toThrow(/ERR_ENTRY_INVALID.*changes at every try/);
    expect(events.problem).toHaveLength(1);
  },
);

test('an explanation shows the document that may have had the answer', async () => {
  const { path, write } = folder({ 'routes.yaml': 'a.develop: 1' });
  const { resolver } = follow(mountSource({ path }));
  write('routes.yaml', 'a.develop: 1\na.feature-x: [');
  await resolver.reload();
  expect(resolver.explain('a').problems).toMatchObject([{ code: 'ERR_CONFIG_INVALID', key: 'routes.yaml' }]);
  expect(String(resolver.explain('a'))).toContain('routes.yaml:2 does not parse');
});
