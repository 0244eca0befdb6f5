// The header `branchline-via` of a response: what is read of it are legal names, in its order, and nothing else.

import { expectVia, routeOf } from 'branchline/testing';

import { attempt, differs, firstOf, isLabel, isNamespace, messageFault } from '../oracle.ts';
import { corpus, type Target } from '../target.ts';

export const routes: Target = {
  name: 'routes',
  seeds: corpus('routes'),
  words: ['web', 'orders', 'develop', 'feature-x', '=', ',', ', ', '...', ' '],
  hold(header) {
    const response = { headers: { get: (name: string) => (name === 'branchline-via' ? header : null) } };
    const answer = attempt(() => routeOf(response));
    if ('code' in answer) return answer.fault;
    const items = header.split(',').map((item) => item.trim());
    const told = answer.value.map(({ service, namespace }) => `${service}=${namespace}`);
    const legal = items.filter((item) => {
      const [service = '', namespace = '', ...rest] = item.split('=');
      return rest.length === 0 && isLabel(service) && isNamespace(namespace);
    });
    return firstOf(
      // What is very long is cut, between two hops.
      () => differs('the hops', told, legal.slice(0, header.length > 2048 ? told.length : undefined)),
      () =>
        differs(
          'whether they are in the header',
          told.every((hop) => items.includes(hop)),
          true,
        ),
      () => shownFault(response),
    );
  },
};

/** A comparison that fails shows the header, which anybody may have written. */
function shownFault(response: Parameters<typeof expectVia>[0]): string | null {
  try {
    expectVia(response, { nobody: 'nowhere' });
    return 'a service that is not in the route was found there';
  } catch (error) {
    return firstOf(...(error as Error).message.split('\n').map((line) => () => messageFault(line)));
  }
}
