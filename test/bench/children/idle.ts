// A process that does nothing, or has a resolver that follows a mount; it tells the CPU time it used, in milliseconds.

import process from 'node:process';

const [mount] = process.argv.slice(2);
if (mount !== undefined) {
  const { createResolver, mountSource } = await import('branchline');
  await createResolver({ sources: [mountSource({ path: mount })], namespace: 'develop' }).ready();
}
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.((user + system) / 1000);
});
process.send?.('ready');
