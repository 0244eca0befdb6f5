// The command line: which commands there are, what each takes, and how each ends.

import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';

import { isBranchlineError } from '../core/errors.ts';
import { add, type AddOptions } from './commands/add.ts';
import { check, type CheckOptions } from './commands/check.ts';
import { env } from './commands/env.ts';
import { explain } from './commands/explain.ts';
import { manifest, type ManifestOptions } from './commands/manifest.ts';
import { namespace } from './commands/namespace.ts';
import { prune } from './commands/prune.ts';
import { remove, type RemoveOptions } from './commands/remove.ts';
import { type CallOptions, resolve } from './commands/resolve.ts';
import { table } from './commands/table.ts';
import { types } from './commands/types.ts';
import { wait, type WaitOptions } from './commands/wait.ts';
import { watch } from './commands/watch.ts';
import { parseObjects } from './objects.ts';
import { type ExitCode, Failure, type Terminal } from './terminal.ts';
import type { TableOptions, Tools } from './tools.ts';

/** Runs a command to its end. Never rejects for what a user did. */
export async function run(
  arguments_: readonly string[],
  tools: Tools,
  terminal: Terminal,
  version: string,
): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = createProgram(tools, terminal, version, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(arguments_, { from: 'user' });
    return exitCode;
  } catch (error) {
    return failed(error, terminal);
  }
}

function failed(error: unknown, terminal: Terminal): ExitCode {
  // Help was printed, or the usage error was.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const isUsage =
    isBranchlineError(error) && (error.code === 'ERR_INVALID_OPTION' || error.code === 'ERR_INVALID_NAME');
  if (!(error instanceof Failure) && !isBranchlineError(error)) throw error;
  terminal.err(`branchline: ${error.message}`);
  if (error instanceof Failure) return error.exitCode;
  return isUsage ? 2 : 1;
}

function createProgram(tools: Tools, terminal: Terminal, version: string, end: (code: ExitCode) => void): Command {
  const program = new Command('branchline')
    .description('Where does my call go: to my branch’s own copy, or to the shared one?')
    .version(version)
    .helpCommand(true)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr(text) {
        for (const line of text.trimEnd().split('\n')) terminal.err(line);
      },
      outputError: (text) => terminal.err(text.trimEnd().replace(/^error: /, 'branchline: ')),
      getOutHelpWidth: () => terminal.columns ?? 100,
      getErrHelpWidth: () => terminal.columns ?? 100,
    })
    .addHelpText('after', '\nExit codes: 0 done, 1 problems found or no answer, 2 wrong use.');

  const command = (name: string, description: string, example: string): Command =>
    program
      .command(name)
      .description(description)
      .addHelpText('after', `\nExample:\n${example.replace(/^/gm, '  ')}`);
  const reading = (name: string, description: string, example: string): Command =>
    command(name, description, example)
      .option('-c, --config <path>', 'the table: a folder, a file, or - for standard input (default: as in a Pod)')
      .option('--env-file <path>', 'a .env file (default: .env, where there is one)');
  const asking = (name: string, description: string, example: string): Command =>
    reading(name, description, example).option(
      '--own <namespace>',
      'ask as if in this namespace (default: the own one)',
    );
  const calling = (name: string, description: string, example: string): Command =>
    asking(name, description, example)
      .argument('<service>')
      .option('--endpoint <name>', 'a named port of the service')
      .option('--namespace <name>', 'exactly this namespace')
      .option('--request <wish>', 'within a request with this wish: feature-x~billing.feature-y')
      .option('--json', 'as JSON');

  calling(
    'resolve',
    'print the URL of a service',
    '$ branchline resolve my-rest --config ./table.yaml --own feature-x\nhttp://my-rest.feature-x.svc:8080',
  ).action(async (service: string, options: CallOptions) => end(await resolve(service, options, tools, terminal)));

  calling(
    'explain',
    'print every step considered, and why',
    '$ kubectl get configmap branchline -o json | branchline explain my-rest --config - --own feature-x',
  ).action(async (service: string, options: CallOptions) => end(await explain(service, options, tools, terminal)));

  asking('table', 'draw what is deployed where', '$ branchline table --config ./table.yaml --own feature-x')
    .option('--digest', 'print the digest of the table: the same in all Pods that have the same one')
    .option('--json', 'as JSON')
    .action(async (options: TableOptions) => end(await table(options, tools, terminal)));

  asking(
    'check',
    'print every problem of a table; ends with 1 if there is one',
    '$ kubectl get services -A -o json | branchline check ./table.yaml --services',
  )
    .argument('[path]', 'the same as --config')
    .option('--services', 'compare with the Services on standard input: kubectl get services -A -o json')
    .option('--json', 'as JSON')
    .action(async (path: string | undefined, options: CheckOptions) =>
      end(await check(path, options, tools, terminal)),
    );

  asking('watch', 'print changes as they happen, until Ctrl-C', '$ branchline watch --config /etc/branchline')
    .option('--json', 'a line of JSON for each')
    .action(async (options: TableOptions) => end(await watch(options, tools, terminal)));

  command(
    'wait',
    'wait until an application confirms a wish',
    '$ branchline wait https://web.dev.example.com/health --request my-rest.feature-x && npm run e2e',
  )
    .argument('<url>', 'a path behind the middleware')
    .requiredOption('--request <wish>', 'the wish to be confirmed: feature-x')
    .option('--consecutive <count>', 'so many times in a row', positive, 10)
    .option('--timeout <seconds>', 'give up after so long', positive, 180)
    .addOption(new Option('--interval <ms>', 'between two questions').argParser(positive).default(500))
    .option('--key <key>', 'the member of baggage', 'branchline')
    .action(async (url: string, options: WaitOptions) => end(await wait(url, options, terminal)));

  reading(
    'add',
    'print the patch that registers deployments',
    '$ branchline add my-rest.feature-x=8080 |\n    kubectl patch configmap branchline --type merge --patch-file /dev/stdin',
  )
    .argument('<entries...>', 'service.namespace, or service.namespace=VALUE')
    .option('--services', 'ports and named ports from the Services on standard input')
    .option('--baseline', 'allow settings, and entries of the baseline')
    .action(async (entries: string[], options: AddOptions) => end(await add(entries, options, tools, terminal)));

  reading(
    'remove',
    'print the patch that removes keys',
    '$ kubectl get configmap branchline -o json | branchline remove --namespace feature-x |\n    kubectl patch configmap branchline --type merge --patch-file /dev/stdin',
  )
    .argument('[keys...]')
    .option('--namespace <name>', 'all keys of this namespace, from the ConfigMap on standard input')
    .option('--endpoints', 'the named endpoints of the keys too, from the ConfigMap on standard input')
    .option('--name <name>', 'the name of the ConfigMap', 'branchline')
    .option('--baseline', 'allow settings, and entries of the baseline')
    .action(async (keys: string[], options: RemoveOptions) => end(await remove(keys, options, tools, terminal)));

  reading(
    'manifest',
    'print a ConfigMap',
    '$ branchline manifest my-rest.feature-x=8080 |\n    kubectl apply --server-side --field-manager=my-rest.feature-x -f -\n$ kubectl get configmap branchline -n develop -o json | branchline manifest --namespace feature-x',
  )
    .argument(
      '[entries...]',
      'service.namespace=VALUE; none with --namespace for a full copy of the one on standard input',
    )
    .option('--namespace <name>', 'the namespace of the ConfigMap')
    .option('--name <name>', 'the name of the ConfigMap', 'branchline')
    .option('--services', 'ports and named ports from the Services on standard input')
    .option('--baseline', 'allow settings, and entries of the baseline')
    .option('--portable', 'upper-case keys, for envFrom')
    .option('--field-manager', 'print the name of the field manager for the entry instead')
    .action(async (entries: string[], options: ManifestOptions) =>
      end(await manifest(entries, options, tools, terminal)),
    );

  reading(
    'prune',
    'print the patch that removes entries of namespaces that are gone',
    '$ { kubectl get configmap branchline -o json; kubectl get namespaces -o json; } | branchline prune',
  )
    .option('--name <name>', 'the name of the ConfigMap', 'branchline')
    .option('--namespaces <file>', 'the Namespaces, if they are not on standard input as well')
    .action(async ({ namespaces: file, ...options }: TableOptions & { name: string; namespaces?: string }) => {
      const namespaces = file === undefined ? undefined : parseObjects(await terminal.file(file), file);
      end(await prune({ ...options, namespaces }, tools, terminal));
    });

  command('namespace', 'print the namespace of a branch', '$ branchline namespace feature/JIRA-12_Login')
    .argument('[branch]', 'default: what GitHub, GitLab, Bitbucket, Jenkins, CircleCI or Azure sets')
    .option('--prefix <text>', 'in front of it')
    .action((branch: string | undefined, options: { prefix?: string }) =>
      end(namespace(branch, options, tools, terminal)),
    );

  reading(
    'env',
    'print the URLs as variables',
    '$ branchline env --config ./table.yaml --namespace feature-x > .env.urls',
  )
    .requiredOption('--namespace <name>', 'as seen from this namespace')
    .action(async ({ namespace: own, ...options }: TableOptions & { namespace: string }) =>
      end(await env({ ...options, own }, tools, terminal)),
    );

  reading(
    'types',
    'print the declaration of the services',
    '$ branchline types --config ./table.yaml > services.d.ts',
  ).action(async (options: TableOptions) => end(await types(options, tools, terminal)));
  return program;
}

function positive(text: string): number {
  const value = Number(text);
  if (!/^\d{1,7}$/.test(text) || value === 0) throw new InvalidArgumentError('Want a number from 1.');
  return value;
}
