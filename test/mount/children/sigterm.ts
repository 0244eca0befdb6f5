// Reloads without a pause until it is told to end: by the signal itself, or with a handler that closes the resolver and lets
// the process run out.

import { createResolver, mountSource } from 'branchline';

import { say } from './say.ts';

const [, , path = '', manner = ''] = process.argv;

const resolver = createResolver({
  sources: [mountSource({ path })],
  namespace: 'feature-x',
  baseline: 'develop',
  pollInterval: 50,
});
const server = setInterval(() => {}, 1_000); // stands for the server that keeps a real process alive
let ending = false;

const reloads = (async () => {
  for (let round = 0; !ending; round += 1) {
    await resolver.reload();
    if (round === 3) say({ reloading: true });
  }
})();

if (manner === 'closing first') {
  process.once('SIGTERM', () => {
    ending = true;
    clearInterval(server);
    void Promise.all([resolver.close(), reloads]).then(() => say({ closed: resolver.status().closed, settled: true }));
  });
}
