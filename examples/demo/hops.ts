// What becomes of requests that pass through a service of develop, and what must.

import type { Checker } from './checker.ts';
import type { Cluster } from './cluster.ts';
import { dim, green, pause, say, tell } from './screen.ts';
import type { Stage } from './stage.ts';
import { draw, visit, type Visit } from './visitor.ts';

const MAP = [
  '     web.feature-x ──┐                     ┌──► billing.feature-x',
  '                     ├──► orders.develop ──┤',
  '     web.develop ────┘                     └──► billing.develop',
];

const CODE = [
  "     app.use(branchline({ trust: true, via: true }));   // 'branchline/express'",
  "     await fetch('http://billing/create-invoice');      // 'branchline'",
];

export interface Props {
  readonly cluster: Cluster;
  readonly stage: Stage;
  readonly checker: Checker;
  /** The addresses of web, by which people come. */
  readonly web: { readonly develop: string; readonly branch: string };
}

export async function throughDevelop({ stage, checker, web }: Props): Promise<void> {
  await stage.chapter('A call passes through develop, and finds its way back into the branch.');
  tell(
    'Another service, web, calls orders, and orders calls billing. The branch has its own web and billing, ' +
      'but no orders: so all requests meet in the one of develop, and must part behind it.',
  );
  say();
  for (const line of MAP) say(line);
  await pause();
  say();
  tell('A request carries its wish in a header: "baggage: branchline=feature-x". orders needs two lines for it:');
  say();
  for (const line of CODE) say(green(line));
  say();
  tell('The first reads the wish. The second follows it, and sends it on.');
  await pause();
  say();
  tell('Three requests at once. branchline-via asks for the route, and tells it:');

  const [own, shared, wished] = await Promise.all([
    visit('web.feature-x', web.branch),
    visit('web.develop', web.develop),
    visit('web.develop', web.develop, 'feature-x'),
  ]);
  await tellRoute('To the web of the branch, which adds the wish for feature-x to all its calls.', own, {
    web: 'feature-x',
    billing: 'feature-x',
  });
  await tellRoute('To the web of develop, without a wish.', shared, { web: 'develop', billing: 'develop' });
  await tellRoute('The same request with a wish. The answer confirms it.', wished, {
    web: 'develop',
    billing: 'feature-x',
  });
  checker.check('branchline-accepted', headerOf(wished, 'branchline-accepted'), 'feature-x');

  async function tellRoute(why: string, told: Visit, must: { web: string; billing: string }): Promise<void> {
    const route = `web=${must.web}, orders=develop, billing=${must.billing}`;
    const from = `from ${told.to}, ${told.sent['baggage'] ?? 'no wish'}`;
    say();
    tell(why);
    draw(told);
    checker.check(`the route ${from}`, told.route, route);
    checker.check(`branchline-via ${from}`, headerOf(told, 'branchline-via'), route);
    await pause();
  }
}

export async function intoTheUnknown({ cluster, stage, checker, web }: Props): Promise<void> {
  await stage.chapter('A wish for a branch that nobody knows is refused.');
  const answered = (): number => cluster.answered('orders', 'develop') + cluster.answered('web', 'develop');
  const before = answered();
  const refused = await visit('web.develop', web.develop, 'feature-z');
  draw(refused);
  checker.check('the status of a refusal', refused.status, 412);
  checker.check('branchline-refused', headerOf(refused, 'branchline-refused'), 'feature-z');
  checker.check('answers of develop to a refused wish', answered() - before, 0);
  const { code, message } = refused.error ?? { code: 'none', message: 'nothing' };
  checker.check('the code of a refusal', code, 'ERR_OVERRIDE_REFUSED');
  say();
  tell(
    'develop could have answered. But then a test of feature-z would pass without feature-z: a false green. ' +
      'So nobody is called, and the answer says',
  );
  tell(message, '     ', dim);
}

function headerOf({ headers }: Visit, name: string): string {
  return headers.get(name) ?? 'absent';
}
