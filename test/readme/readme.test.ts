// The README is true: its code compiles and runs, its tables and commands say what the package does.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  createResolver,
  dotenvSource,
  envSource,
  fileSource,
  isBranchlineError,
  memorySource,
  mountSource,
  namespaceOf,
  type Source,
} from 'branchline';
import { load } from 'js-yaml';
import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { ERROR_CODES } from '../../src/core/errors.ts';
import { startCluster } from '../doubles/cluster.ts';
import { temporaryFolder } from '../doubles/folder.ts';
import { createKubelet } from '../doubles/kubelet.ts';
import { record } from '../doubles/recorder.ts';
import { startCaller } from '../examples/pipelines/caller.ts';
import { alone, runJobs } from '../examples/pipelines/run.ts';
import { faults } from './faults.ts';
import { type Block, blocksIn, codeIn, configMap, project, readme, type Table, tableUnder } from './markdown.ts';
import { expectToRun, forgetMachine } from './playground.ts';
import { type Call, runShell } from './shell.ts';
import { allExports, compile, exportsOf, literalsOf, membersOf } from './typescript.ts';

interface Manifest {
  kind: string;
  metadata: { name: string; namespace?: string };
  data?: Record<string, unknown>;
  spec?: Record<string, unknown>;
}

const LONGEST = 880;
const LANGUAGES = ['json', 'sh', 'text', 'ts', 'yaml'];
const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
  name: string;
  engines: { node: string };
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
};

const at = ({ line }: { line: number }): string => `README.md:${line}`;

const firstCells = ({ rows }: Table): string[] => rows.flatMap(([cell = '']) => codeIn(cell));

/** Opens a source, expects no problem, and returns what compares tables. */
async function expectSound(source: Source): Promise<string> {
  const resolver = createResolver({ sources: [source], namespace: null });
  onTestFinished(() => resolver.close());
  const { problem } = record(resolver);
  await resolver.ready();
  expect(problem).toEqual([]);
  expect(resolver.status()).toMatchObject({ configured: true, problems: [] });
  return resolver.status().digest;
}

function mountOf(data: Record<string, unknown>): Source {
  for (const [key, value] of Object.entries(data)) expect(value, `the value of ${key}`).toBeTypeOf('string');
  const kubelet = createKubelet(join(temporaryFolder(), 'config'));
  kubelet.write(data as Record<string, string>);
  return mountSource({ path: kubelet.mount });
}

function fileOf(name: string, text: string): Source {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, text);
  return fileSource({ path });
}

describe('the text', () => {
  test(`has at most ${LONGEST} lines`, () => {
    expect(readme.lines.length).toBeLessThanOrEqual(LONGEST);
  });

  test('starts "Getting started" with the two set-up commands, whose scripts exist', () => {
    const [setUp, ...others] = readme.blocks.filter(({ heading }) => heading === 'Getting started');
    expect(setUp?.text.split('\n')).toEqual(['npm ci && npm run demo', 'npm ci && npm test']);
    expect(others).not.toEqual([]);
    expect(readme.section('Getting started')).toContain(`\`npm install ${manifest.name}\``);
    expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining(['demo', 'test']));
    const [entry = ''] = /[\w/]+\.ts/.exec(manifest.scripts['demo'] ?? '') ?? [];
    expect(entry).not.toBe('');
    expect(existsSync(join(project, entry))).toBe(true);
  });

  test('links to files and headings that exist', () => {
    const anchorOf = (name: string): string =>
      `#${name
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, '')
        .replaceAll(' ', '-')}`;
    const anchors = new Set(readme.headings.map((name) => anchorOf(name)));
    const isDead = (target: string): boolean => {
      const [file = '', anchor] = target.split('#');
      if (file === '') return !anchors.has(target);
      if (/^https?:/.test(target)) return false;
      if (!existsSync(join(project, file))) return true;
      if (anchor === undefined) return false;
      const lines = readFileSync(join(project, file), 'utf8').split('\n');
      return !lines.some((line) => /^#+ /.test(line) && anchorOf(line.replace(/^#+ /, '')) === `#${anchor}`);
    };
    const dead = readme.links.filter((target) => isDead(target));
    expect(readme.links.length).toBeGreaterThan(0);
    expect(dead).toEqual([]);
  });

  test('has blocks of languages that are checked here, and text only where something prints it', () => {
    expect([...new Set(readme.blocks.map(({ language }) => language))].toSorted()).toEqual(LANGUAGES);
    const drawings = blocksIn('text').filter((block) => !blocksIn('ts').some(({ next }) => next === block));
    expect(drawings.map(({ heading }) => heading)).toEqual([
      'The problem',
      'One baseline Pod serves every branch',
      'At the edge',
    ]);
  });

  test('names the Node that package.json wants, and the packages that it installs', () => {
    const [oldest = ''] = /\d+\.\d+/.exec(manifest.engines.node) ?? [];
    for (const heading of ['Getting started', 'Supported versions']) expect(readme.section(heading)).toContain(oldest);
    const named = codeIn(readme.section('Dependencies')).filter((code) => /^[a-z-]+$/.test(code));
    const { name, dependencies, peerDependencies } = manifest;
    const installed = [...Object.keys(dependencies), ...Object.keys(peerDependencies), 'zod', name];
    expect([...new Set(named)].toSorted()).toEqual(installed.toSorted());
  });
});

describe('TypeScript', () => {
  test('compiles as strictly as the project', () => {
    expect(compile(blocksIn('ts'))).toEqual([]);
  });

  test('that lists services makes their names known', () => {
    const augmenting = blocksIn('ts').find(({ text }) => text.includes('ServiceRegistry')) as Block;
    const { text } = augmenting;
    const [, name = ''] = /'([\w-]+)'\s*:/.exec(text) ?? [];
    const use = `\nimport type { ServiceRegistry } from 'branchline';\nexport const known: keyof ServiceRegistry = '${name}';`;
    expect(compile([{ ...augmenting, text: text + use }])).toEqual([]);
  });

  test.for(blocksIn('ts').map((block) => [at(block), block] as const))(
    'at %s runs, and its notes are true',
    async ([, block]) => {
      const printed = await expectToRun(block.text, configMap());
      if (block.next?.language === 'text') expect(printed).toBe(block.next.text);
    },
  );
});

describe('YAML and JSON', () => {
  test.for(blocksIn('yaml').map((block) => [at(block), block] as const))(
    'at %s is what it claims to be',
    async ([, block]) => {
      const content = load(block.text) as Partial<Manifest>;
      if (content.kind === 'Pod') {
        expectPod(content as Manifest);
      } else if (content.kind === 'ConfigMap') {
        expect(content.metadata?.name).toBe('branchline');
        const digest = await expectSound(mountOf(content.data ?? {}));
        expect(await expectSound(fileOf('table.yaml', block.text))).toBe(digest);
      } else {
        await expectSound(fileOf('table.yaml', block.text));
      }
    },
  );

  test.for(blocksIn('json').map((block) => [at(block), block] as const))('at %s is a table', async ([, block]) => {
    await expectSound(fileOf('table.json', block.text));
  });

  test('of "Documents" says what the ConfigMap says', async () => {
    const expected = await expectSound(mountOf(configMap()));
    const documents = readme.blocks.filter(({ heading }) => heading === 'Documents');
    expect(documents.map(({ language }) => language)).toEqual(['yaml', 'json']);
    const digests = documents.map(({ language, text }) => expectSound(fileOf(`table.${language}`, text)));
    expect(await Promise.all(digests)).toEqual([expected, expected]);
  });

  /** Mounts the map where the library looks, as a folder, and tells the Pod its namespace. */
  function expectPod({ spec }: Manifest): void {
    const variable = { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } };
    expect(spec).toMatchObject({
      containers: [{ env: [variable], volumeMounts: [{ name: 'branchline', mountPath: '/etc/branchline' }] }],
      volumes: [{ name: 'branchline', configMap: { name: 'branchline', optional: true } }],
    });
    expect(JSON.stringify(spec)).not.toContain('subPath');
    expect(readme.section('What a Pod needs')).toContain('/etc/branchline');
  }
});

describe.skipIf(process.platform === 'win32')('shell commands', () => {
  const branch = 'feature/JIRA-12_Login';
  const calls = (block: Block): Call[] =>
    runShell(block.text, { BRANCH: branch, NAMESPACE: namespaceOf(branch) }, configMap());
  const isPipeline = ({ heading }: Block): boolean => heading === 'In your pipeline';
  const others = blocksIn('sh').filter((block) => !isPipeline(block));

  test.for(others.map((block) => [at(block), block] as const))('at %s run, and say what they should', ([, block]) => {
    const made = calls(block);
    expect(made).not.toEqual([]);
    for (const { program, args } of made) {
      if (program === 'npm') expectScript(args);
      else expect(args[0]).toBe('annotate');
    }
  });

  test('of a pipeline register the key of the branch, copy the map, wait, and remove the key', async () => {
    const namespace = namespaceOf(branch);
    const key = `my-rest.${namespace}`;
    const map = configMap();
    const cluster = await startCluster(map, [namespace]);
    const env = { BRANCH: branch, NAMESPACE: namespace, CALLER: (await startCaller(cluster)).replace('/health', '') };
    const run = (text: string) =>
      runJobs([alone({ name: 'README', shell: ['sh', '-eu'], text, env })], cluster, temporaryFolder());
    const [register, remove] = blocksIn('sh').filter((block) => isPipeline(block)) as [Block, Block];
    expect(await run(register.text)).toMatchObject({ succeeded: true });
    expect(cluster.map('develop')).toEqual({ ...map, [key]: '8080' });
    expect(cluster.map(namespace)).toEqual({ ...map, [key]: '8080' });
    expect(await run(remove.text)).toMatchObject({ succeeded: true });
    expect(cluster.map('develop')).toEqual(map);
    expect(readme.section('In your pipeline')).toContain(`\`${branch}\`, gets a hash: \`${namespace}\``);
  });

  function expectScript([command = '', ...rest]: readonly string[]): void {
    if (command !== 'ci') expect(manifest.scripts).toHaveProperty(command === 'run' ? (rest[0] ?? '') : command);
  }
});

describe('the tables', () => {
  test('of search results have every `via`, and codes that exist', () => {
    const { rows } = tableUnder('How it resolves', 'What is found');
    expect(rows.flatMap(([, , via = '']) => codeIn(via)).toSorted()).toEqual(literalsOf('Via').toSorted());
    for (const code of rows.flatMap((cells) => codeIn(cells.join(' '))).filter((text) => text.startsWith('ERR_')))
      expect(ERROR_CODES).toHaveProperty(code);
  });

  test('of keys give the same table as keys and as variables', async () => {
    const { rows } = tableUnder('The ConfigMap', 'Key');
    const value = (key: string): string => (key.includes('.') ? '8080' : 'develop');
    const pairs = rows.map((cells) => cells.slice(0, 2).flatMap((cell) => codeIn(cell)) as [string, string]);
    const keys = await expectSound(mountOf(Object.fromEntries(pairs.map(([key]) => [key, value(key)]))));
    const env = Object.fromEntries(pairs.map(([key, variable]) => [variable, value(key)]));
    expect(await expectSound(envSource({ env }))).toBe(keys);
  });

  test.for(tableUnder('Values', 'Value').rows)('of values: %s', async ([value = '', , answer = '']) => {
    const [written = ''] = codeIn(value);
    const data = { 'my-rest.develop': '8080', 'my-rest.feature-x': written === '""' ? '' : written };
    const resolver = createResolver({ sources: [memorySource(data)], namespace: 'feature-x' });
    record(resolver);
    const [expected = ''] = codeIn(answer);
    if (expected.startsWith('ERR_')) {
      expect(() => resolver.resolve('my-rest')).toThrow(expect.objectContaining({ code: expected }));
      expect(() => resolver.resolve('my-rest', { endpoint: 'admin' })).toThrow(
        expect.objectContaining({ code: expected }),
      );
    } else {
      expect(resolver.resolve('my-rest')).toBe(expected);
    }
  });

  test('of settings have the defaults of a table without any', () => {
    const { rows } = tableUnder('Settings', 'Setting');
    const status = createResolver({ sources: [memorySource({ 'my-rest.develop': 8080 })], namespace: null }).status();
    const shown = (value: unknown): string => (typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value));
    const actual = ['baseline', 'template', 'strict', 'overrides'] as const;
    expect(rows.map(([name, value]) => [name, value])).toEqual(
      actual.map((name) => [`\`${name}\``, `\`${shown(status[name])}\``]),
    );
  });

  test('of sources are in the order of the default ones, and know which follow changes', () => {
    const { rows } = tableUnder('What a Pod needs', 'Source');
    const sources = [mountSource(), dotenvSource(), envSource()];
    expect(rows.map(([name = '']) => name.replaceAll('`', ''))).toEqual(['mount', '.env', 'environment']);
    expect(rows.map(([, , hot]) => hot === 'yes')).toEqual(sources.map(({ fixed }) => fixed !== true));
  });

  test('of errors has every code with its sentence, and no other', () => {
    const { rows } = tableUnder('Errors', 'Code');
    expect(rows.map(([code = '', means]) => [codeIn(code)[0], means])).toEqual(Object.entries(ERROR_CODES));
    for (const [, , remedy] of rows) expect(remedy).not.toBe('');
  });

  test('of warnings has every code, and no other', () => {
    const [, warnings] = readme.tables.filter(({ heading }) => heading === 'Errors');
    expect(firstCells(warnings as Table)).toEqual(literalsOf('WarningCode'));
  });

  test('name codes that exist, everywhere', () => {
    const known = new Set([...literalsOf('ErrorCode'), ...literalsOf('WarningCode')]);
    const named = readme.lines.flatMap((line) => line.match(/\b(?:ERR|WARN)_[A-Z_]+/g) ?? []);
    expect([...new Set(named)].filter((code) => !known.has(code))).toEqual([]);
  });
});

describe('the limits', () => {
  const KIB = 1024;
  const text = (bytes: number): string => 'x'.repeat(bytes);
  const limits: Record<string, [fits: () => Source, refused: () => Source]> = {
    '1 MiB a key': [
      () => mountOf({ baseline: 'develop', 'my-rest.develop': `8080${' '.repeat(KIB * KIB - 4)}` }),
      () => mountOf({ baseline: 'develop', 'my-rest.develop': `8080${' '.repeat(KIB * KIB)}` }),
    ],
    '4 MiB': [
      () => mountOf({ baseline: 'develop', ...padded(4, KIB * KIB - 50) }),
      () => mountOf({ baseline: 'develop', ...padded(5, KIB * KIB - 50) }),
    ],
    '20,000 entries a source': [() => entries(20_000), () => entries(20_001)],
    '32 levels': [() => nested(32), () => nested(33)],
    '256 KiB for YAML': [
      () => fileOf('table.yaml', `a.develop: 1\n#${text(255 * KIB)}`),
      () => fileOf('table.yaml', `a.develop: 1\n#${text(256 * KIB)}`),
    ],
    'and `.env`': [
      () => fileOf('.env', `BRANCHLINE_A__DEVELOP=1\n#${text(255 * KIB)}`),
      () => fileOf('.env', `BRANCHLINE_A__DEVELOP=1\n#${text(256 * KIB)}`),
    ],
  };

  function padded(count: number, bytes: number): Record<string, string> {
    return Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`s${index}.develop`, `8080${' '.repeat(bytes)}`]),
    );
  }
  function entries(count: number): Source {
    return memorySource(Object.fromEntries(Array.from({ length: count }, (_, index) => [`s${index}.develop`, 8080])));
  }
  function nested(depth: number): Source {
    return fileOf('table.json', `{ "a.develop": 1, "b.develop": ${'['.repeat(depth - 1)}${']'.repeat(depth - 1)} }`);
  }
  /** What keeps the source out: an error at start, or a problem that names more than one entry's value. */
  function complaint(source: Source): string {
    try {
      const resolver = createResolver({ sources: [source], namespace: null });
      onTestFinished(() => resolver.close());
      record(resolver);
      return resolver
        .status()
        .problems.map(({ message }) => message)
        .join('\n');
    } catch (error) {
      if (isBranchlineError(error)) return error.message;
      throw error;
    }
  }
  const TOO_MUCH = /more than \d|larger than \d|deeper than \d/;

  test.for(Object.entries(limits))('of %s are those of the library', ([words, [fits, refused]]) => {
    expect(readme.section('Documents')).toContain(words);
    expect(complaint(fits())).not.toMatch(TOO_MUCH);
    expect(complaint(refused())).toMatch(TOO_MUCH);
  });
});

describe('the API section', () => {
  const section = readme.section('API');
  const named = codeIn(section);

  test.for((['index', 'express', 'testing', 'undici'] as const).flatMap((entry) => exportsOf(entry)))(
    'has $name',
    ({ name, signature }) => {
      expect(named).toContain(signature ?? name);
    },
  );

  test('names nothing that the package does not export', () => {
    const declared = allExports();
    const members = ['Resolver', 'ContextFunctions'].flatMap((name) => membersOf(name));
    const signatures = new Set([...declared, ...members].map(({ signature }) => signature));
    expect(named.filter((code) => /\w\(.*\): /.test(code) && !signatures.has(code))).toEqual([]);
    const [list = ''] = /^Types: [^]*?\.$/m.exec(section) ?? [];
    const types = codeIn(list).filter((code) => !code.includes('/'));
    expect(types.filter((code) => !declared.some(({ name }) => name === code))).toEqual([]);
  });

  test.for(['express', 'testing', 'undici'] as const)('says what branchline/%s has, and nothing else', (entry) => {
    const { rows } = tableUnder('API', '`branchline`');
    const told = rows.flatMap(([first = '']) => {
      const [from, ...signatures] = codeIn(first);
      return from === `branchline/${entry}` ? signatures : [];
    });
    const ofRoot = new Set(exportsOf('index').map(({ name }) => name));
    const own = exportsOf(entry).filter(({ name }) => !ofRoot.has(name));
    expect(told.toSorted()).toEqual(own.flatMap(({ signature }) => signature ?? []).toSorted());
  });

  test('has every option of a resolver, with its default', () => {
    const { rows } = tableUnder('API', '`ResolverOptions`');
    expect(rows.map(([name = '', value = '']) => [codeIn(name)[0], codeIn(value)[0]])).toEqual(
      membersOf('ResolverOptions').map(({ name, defaultValue }) => [name, defaultValue]),
    );
    for (const [, , means] of rows) expect(means).not.toBe('');
  });

  test('has the range of pollInterval', () => {
    const range = /milliseconds, ([\d,]+) to ([\d,]+)/.exec(section)?.slice(1) ?? [];
    const [from = 0, to = 0] = range.map((text) => Number(text.replaceAll(',', '')));
    const create = (pollInterval: number) => () => createResolver({ sources: [], pollInterval });
    for (const legal of [from, to]) expect(create(legal)).not.toThrow();
    for (const illegal of [from - 1, to + 1]) expect(create(illegal)).toThrow('ERR_INVALID_OPTION');
  });

  test.for([
    ...[
      'LookupOptions',
      'RoutingContext',
      'Resolution',
      'Events',
      'NamespaceOptions',
      'PathOptions',
      'EnvSourceOptions',
      'FetchOptions',
      'RouteOptions',
      'ReceiveOptions',
      'Received',
      'ContextFunctions',
      'InspectOptions',
      'DispatcherOptions',
      'LookupCacheOptions',
    ].flatMap((name) =>
      membersOf(name).map(({ name: member, signature }) => [`${name}.${member}`, signature ?? member] as const),
    ),
    ...membersOf('Resolver').map(({ name, signature }) => [`Resolver.${name}`, signature ?? name] as const),
  ])('has %s', ([, text]) => {
    expect(named).toContain(text);
  });

  test('is followed by every field that an error may carry', () => {
    const members = membersOf('BranchlineError').map(({ name, signature }) => signature ?? name);
    expect(members).toContain('considered');
    const [sentences = ''] = /`isBranchlineError[^]+?with the message/.exec(readme.section('Errors')) ?? [];
    expect(codeIn(sentences).map((code) => code.replace('error.', ''))).toEqual(expect.arrayContaining(members));
  });
});

describe('a Pod', () => {
  const text = readme.section('What a Pod needs');

  test('takes its own namespace from the first place of the list that has one', () => {
    const [, list = ''] = /first of: (.+?\.conf`)/.exec(text.replaceAll('\n', ' ')) ?? [];
    expect(codeIn(list)).toEqual(['namespace', 'BRANCHLINE_NAMESPACE', 'POD_NAMESPACE', '/etc/resolv.conf']);
    forgetMachine();
    vi.stubEnv('POD_NAMESPACE', 'third');
    const namespaceWith = (options: { namespace?: string }): string | null =>
      createResolver({ sources: [], ...options }).namespace;
    expect(namespaceWith({})).toBe('third');
    vi.stubEnv('BRANCHLINE_NAMESPACE', 'second');
    expect(namespaceWith({})).toBe('second');
    expect(namespaceWith({ namespace: 'first' })).toBe('first');
  });

  test('asks its sources in the order of the table, and reads no .env inside a cluster', () => {
    const folder = temporaryFolder();
    const working = process.cwd();
    process.chdir(folder);
    onTestFinished(() => process.chdir(working));
    forgetMachine();
    const portNow = (): number | null => {
      const resolver = createResolver({ namespace: 'feature-x' });
      onTestFinished(() => resolver.close());
      record(resolver);
      return resolver.lookup('my-rest').port;
    };
    createKubelet(join(folder, 'config')).write({ 'my-rest.feature-x': '1001' });
    vi.stubEnv('BRANCHLINE_CONFIG', join(folder, 'config'));
    expect(portNow()).toBe(1001);
    writeFileSync(join(folder, '.env'), 'BRANCHLINE_MY_REST__FEATURE_X=1002\n');
    expect(portNow()).toBe(1002);
    vi.stubEnv('KUBERNETES_SERVICE_HOST', '10.0.0.1');
    expect(portNow()).toBe(1001);
    vi.stubEnv('KUBERNETES_SERVICE_HOST', undefined);
    vi.stubEnv('BRANCHLINE_MY_REST__FEATURE_X', '1003');
    expect(portNow()).toBe(1003);
  });

  test('looks as often as the text says', () => {
    const interval = membersOf('ResolverOptions').find(({ name }) => name === 'pollInterval')?.defaultValue;
    const [, seconds = ''] = /every (\d+) seconds/.exec(readme.section('Hot reload')) ?? [];
    expect(Number(seconds) * 1000).toBe(Number(interval));
    expect(readme.section('API')).toContain(`after ${seconds} seconds at the earliest`);
  });
});

describe('what happens when things go wrong', () => {
  const { rows } = tableUnder('What happens when things go wrong', 'What happens');
  const words = new Set([
    ...membersOf('Events').map(({ name }) => name),
    ...literalsOf('ErrorCode'),
    ...literalsOf('WarningCode'),
    'BRANCHLINE_LISTENER',
  ]);

  test('has a fault for every row, and a row for every fault', () => {
    expect(rows.map(([fault]) => fault)).toEqual(Object.keys(faults));
  });

  test.for(rows)('%s', async ([fault = '', , told = '']) => {
    const happened = await (faults[fault] as () => Promise<string[]>)();
    expect(happened.toSorted()).toEqual(
      codeIn(told)
        .filter((code) => words.has(code))
        .toSorted(),
    );
  });
});
