// What happens, and what must be answered at every point of it.

import { explain, type Resolver } from 'branchline';

import type { Namespace } from './deployment.ts';
import { intoTheUnknown, type Props as Hops, throughDevelop } from './hops.ts';
import { dim, say, tell } from './screen.ts';

export interface Props extends Hops {
  readonly resolvers: Readonly<Record<Namespace, Resolver>>;
  /** The address of the branch's my-rest, which is deployed from the start. */
  readonly myRest: string;
}

export async function story(props: Props): Promise<void> {
  const { cluster, resolvers, myRest } = props;
  const { chapter, swap, round } = props.stage;
  let heard = '';
  resolvers['feature-x'].on('problem', ({ message }) => {
    heard = message;
  });

  await chapter("The branch deployed its own my-rest. orders and billing are develop's.");
  await round({ 'my-rest': 'feature-x', orders: 'develop', billing: 'develop' });
  say(dim('                ● answered   ○ deployed, not called   · not deployed'));
  say();
  say("   Why? explain('orders') considered:");
  for (const { namespace, because, outcome, note } of explain('orders').steps) {
    say(`     ${namespace.padEnd(11)}${because.padEnd(10)}${outcome.padEnd(8)}${note}`);
  }

  await chapter('CI deploys billing to the branch: a service, and one key in the ConfigMap.');
  const billing = await cluster.deploy('billing', 'feature-x');
  await swap({ 'billing.feature-x': billing }, { service: 'billing', before: 'develop', after: 'feature-x' });
  await round({ 'my-rest': 'feature-x', orders: 'develop', billing: 'feature-x' });

  // Each Pod sees the swap in its own time; develop's may be a moment behind.
  await resolvers.develop.reload();
  await throughDevelop(props);
  await intoTheUnknown(props);

  await chapter('A typo gets into an entry that was good. Its last good value stays.');
  await swap(
    { 'my-rest.feature-x': myRest.replace('http:', 'http') },
    { service: 'my-rest', before: 'feature-x', after: 'feature-x, stale' },
  );
  await round({ 'my-rest': 'feature-x, stale', orders: 'develop', billing: 'feature-x' });
  say();
  tell('It is not silent: status() and a "problem" event say');
  tell(heard, '     ', dim);

  await chapter('A typo comes with a new key: the letter O. There is no last good value.');
  const orders = await cluster.deploy('orders', 'feature-x');
  const { detail } = await swap(
    { 'orders.feature-x': '808O' },
    { service: 'orders', before: 'develop', after: 'ERR_ENTRY_INVALID' },
  );
  await round({ 'my-rest': 'feature-x, stale', orders: 'ERR_ENTRY_INVALID', billing: 'feature-x' });
  say();
  tell(
    'develop has an orders, but the branch meant its own: a test that passed there would be a false green. ' +
      'So this one service is an error, which says',
  );
  tell(detail, '     ', dim);

  await chapter('Both are mended.');
  await swap(
    { 'my-rest.feature-x': myRest, 'orders.feature-x': orders },
    { service: 'orders', before: 'ERR_ENTRY_INVALID', after: 'feature-x' },
  );
  await round({ 'my-rest': 'feature-x', orders: 'feature-x', billing: 'feature-x' });

  await chapter('All three are merged. CI removes their keys, then the services.');
  // The branch still has its web: without any entry it would be a branch that nobody knows.
  await swap(
    { 'my-rest.feature-x': null, 'orders.feature-x': null, 'billing.feature-x': null },
    { service: 'my-rest', before: 'feature-x', after: 'develop' },
  );
  for (const service of ['my-rest', 'orders', 'billing'] as const) cluster.remove(service, 'feature-x');
  await round({ 'my-rest': 'develop', orders: 'develop', billing: 'develop' });
}
