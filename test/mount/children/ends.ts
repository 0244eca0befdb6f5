// Makes a resolver and does nothing more: it ends because nothing keeps it alive.

import { createResolver, mountSource, type ResolverOptions } from 'branchline';

import { say } from './say.ts';

const [, , path = '', options = '{}', moment = 'created'] = process.argv;

const resolver = createResolver({
  sources: [mountSource({ path })],
  namespace: 'feature-x',
  baseline: 'develop',
  ...(JSON.parse(options) as ResolverOptions),
});
resolver.on('change', () => {});
resolver.on('problem', () => {});
if (moment !== 'created') await resolver.ready();
if (moment === 'reloading') void resolver.reload();
// oxlint-disable-next-line no-process-exit -- it is what is tested
if (moment === 'exit') process.exit(7);
say({ [moment]: true });
