// Says what a process in these surroundings knows of its own namespace, and whom it tells.

import { createResolver, memorySource } from 'branchline';

const resolver = createResolver({ sources: [memorySource({ 'a.develop': '1' })] });
const told: string[] = [];
resolver.on('problem', ({ code }) => told.push(code));
await resolver.ready();
await new Promise((resume) => setImmediate(resume));
const codes = (problems: readonly { code: string }[]): string[] => problems.map(({ code }) => code);
process.stdout.write(
  `${JSON.stringify({ namespace: resolver.namespace, problems: codes(resolver.status().problems), explained: codes(resolver.explain('a').problems), told })}\n`,
);
