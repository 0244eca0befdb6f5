// An import does nothing: seen from inside the process, in every property of the globals and of Node's modules, and from
// outside, in the calls of the operating system.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import ts from 'typescript';

import { grouped, type Outcome } from '../trial.ts';
import { project, run } from './run.ts';

/** Files, sockets, watches, other processes. */
const CALLS = '%file,%network,inotify_init1,timerfd_create,clone,clone3,vfork';

/** `import` or `require`, of an entry or of a file: what a `require` gave before Node could require ESM. */
interface Way {
  readonly how: 'import' | 'require';
  readonly entry: string;
}

interface Seen {
  readonly changed: readonly string[];
  readonly active: readonly string[];
  readonly properties: number;
  /** Files of the package that were opened. */
  readonly own: number;
  /** Calls that are no business of an import. */
  readonly foreign: readonly string[];
  readonly stderr: string;
}

export function importsDoNothing(): Outcome {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'branchline-packed-'));
  try {
    const seen = install(folder).map((way) => ({ ...way, ...importOf(folder, way) }));
    const properties = grouped(Math.max(...seen.map((one) => one.properties)));
    const changes = `${count(seen, 'changed')} of ${properties} properties changed`;
    return {
      figure: `${seen.length} imports: ${count(seen, 'foreign')} foreign calls, ${count(seen, 'active')} handles, ${changes}`,
      breaches: seen.flatMap(({ how, entry, changed, active, foreign, stderr, own }) => [
        ...changed.map((name) => `${how} ${entry} changes ${name}`),
        ...active.map((type) => `${how} ${entry} leaves a ${type}`),
        ...foreign.map((call) => `${how} ${entry} calls ${call}`),
        ...(stderr === '' ? [] : [`${how} ${entry} prints ${stderr}`]),
        ...(own === 0 ? [`${how} ${entry} was not seen to open a file: the trial is blind`] : []),
      ]),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const count = (all: readonly Seen[], field: 'foreign' | 'active' | 'changed'): number =>
  all.reduce((sum, one) => sum + one[field].length, 0);

/** The packed package as a user has it, beside its dependencies; and all ways to load it. */
function install(folder: string): Way[] {
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'branchline'), { recursive: true });
  mkdirSync(join(modules, 'empty'));
  writeFileSync(join(modules, 'empty/package.json'), '{ "exports": { "import": "./a.mjs", "require": "./b.cjs" } }');
  for (const name of ['a.mjs', 'b.cjs']) writeFileSync(join(modules, 'empty', name), '');
  run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], project);
  const manifest = readFileSync(join(project, 'package.json'), 'utf8');
  const { name, version, dependencies, exports } = JSON.parse(manifest) as {
    name: string;
    version: string;
    dependencies: Record<string, string>;
    exports: Record<string, string | { require: { default: string } }>;
  };
  run('tar', ['-xzf', `${name}-${version}.tgz`, '-C', join(modules, name), '--strip-components=1'], folder);
  // Found if somebody asks for them: then that is seen.
  for (const other of Object.keys(dependencies))
    symlinkSync(join(project, 'node_modules', other), join(modules, other));
  const { outputText } = ts.transpileModule(readFileSync(new URL('import-child.ts', import.meta.url), 'utf8'), {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  writeFileSync(join(folder, 'child.mjs'), outputText);

  return Object.entries(exports).flatMap(([path, to]): Way[] => {
    if (typeof to === 'string') return [];
    const entry = path.replace('.', name);
    const file = `./node_modules/${name}/${to.require.default}`;
    return [
      { how: 'import', entry },
      { how: 'require', entry },
      { how: 'require', entry: file },
    ];
  });
}

function importOf(folder: string, { how, entry }: Way): Seen {
  const log = join(folder, 'calls');
  const command = [
    '-f',
    '-qq',
    '-s',
    '4096',
    '-e',
    `trace=${CALLS}`,
    '-o',
    log,
    process.execPath,
    'child.mjs',
    how,
    entry,
  ];
  // Nothing of this process, which has imported the package itself.
  const env = { PATH: process.env['PATH'] };
  const { status, signal, stdout, stderr, error } = spawnSync('strace', command, {
    cwd: folder,
    env,
    encoding: 'utf8',
    timeout: 30_000,
  });
  if (error !== undefined) throw new Error(`strace node child.mjs: ${error.message}`);
  const inside = (stdout === '' ? {} : JSON.parse(stdout)) as Partial<Seen>;
  const calls = callsOf(readFileSync(log, 'utf8'), join(folder, 'node_modules/branchline/'));
  const end = status === 0 ? '' : `(ended with ${status ?? signal})`;
  return { changed: [], active: [], properties: 0, ...inside, ...calls, stderr: `${stderr}${end}` };
}

function callsOf(log: string, own: string): Pick<Seen, 'own' | 'foreign'> {
  const lines = log.split('\n');
  const at = (mark: string): number => lines.findIndex((line) => line.includes(`"/branchline-import-${mark}"`));
  const calls = lines.slice(at('starts') + 1, at('ends')).map((line) => line.replace(/^\d+ +/, ''));
  return {
    own: calls.filter((call) => call.startsWith('open') && call.includes(`"${own}dist/`)).length,
    foreign: calls.filter((call) => !isOfLoader(call, own)),
  };
}

/** Node looks for a package on every level, reads what package.json says of it, and starts threads of its own. */
function isOfLoader(call: string, own: string): boolean {
  if (/^(?:clone3?\(.*CLONE_THREAD|\w+\(\d+, ""|<\.\.\. |\+\+\+|---)/.test(call)) return true;
  const [, path] = /^\w+\((?:AT_FDCWD, )?"([^"]*)"/.exec(call) ?? [];
  if (path === undefined) return false;
  const isLookedAt =
    /^(?:stat|lstat|newfstatat|statx|readlink|access|faccessat2?)\(/.test(call) && own.startsWith(path);
  return isLookedAt || path.startsWith(own) || path.endsWith('/package.json') || path === own.slice(0, -1);
}
