// Makes a resolver, prints every event as a line of JSON, and answers commands: `<number> <command> <arguments>`.
// It ends when its standard input does: nothing else may keep it alive.

import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

import { createResolver, mountSource, type ResolverOptions } from 'branchline';

import { say } from './say.ts';

const fieldsOf = (error: unknown): object => ({
  ...(error as object),
  name: (error as Error).name,
  message: (error as Error).message,
});

const { path, ...options } = JSON.parse(process.argv[2] ?? '{}') as ResolverOptions & { path?: string };
const events = ['change', 'stale', 'recovered', 'problem'] as const;
process.on('warning', ({ message }) => say({ warning: message }));

try {
  const resolver = createResolver({ ...options, ...(path === undefined ? {} : { sources: [mountSource({ path })] }) });
  for (const event of events) resolver.on(event, (happened) => say({ [event]: happened }));
  say({ created: resolver.status() });

  const answer = async (command: string | undefined, [first = '', second = '']: string[]): Promise<object> => {
    switch (command) {
      case 'lookup':
        return resolver.lookup(first);
      case 'status':
        return resolver.status();
      case 'reload':
        await resolver.reload();
        return resolver.status();
      case 'close':
        await resolver.close();
        return resolver.status();
      case 'write':
        writeFileSync(first, second);
        return {};
      default:
        throw new Error(`no such command: ${command}`);
    }
  };
  createInterface({ input: process.stdin }).on('line', (text) => {
    const [number, command, ...rest] = text.split(' ');
    answer(command, rest).then(
      (result) => say({ [`answer ${number}`]: true, result }),
      (error: unknown) => say({ [`answer ${number}`]: true, error: fieldsOf(error) }),
    );
  });
  await resolver.ready();
  say({ ready: resolver.status() });
} catch (error) {
  say({ error: fieldsOf(error) });
}
