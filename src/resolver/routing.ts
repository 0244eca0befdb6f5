// What calls and requests need of a resolver: its answers within a request's own context, the judgement of a wish, and
// what goes on with a call.

import { outgoing, unknownItems } from '../core/choice.ts';
import { carrying, contextOf } from '../core/context.ts';
import { OverrideRefusedError } from '../core/errors.ts';
import { serviceAt } from '../core/hosts.ts';
import type { Routing, View } from '../core/routing.ts';
import type { RoutingContext } from '../core/types.ts';
import { formatWish, type Wish } from '../core/wish.ts';
import type { Answering } from './answering.ts';
import type { Snapshot } from './answers.ts';
import type { Emitter } from './events.ts';

/** Contexts that are kept, so that equal wishes share their answers. All are known combinations; there may be many. */
const MOST_CONTEXTS = 1000;

export function createRouting(
  snapshot: () => Snapshot,
  own: string | null,
  keys: readonly string[],
  find: Answering['find'],
  emitter: Emitter,
): Routing & { refused(): number } {
  const contexts = new Map<string, RoutingContext>();
  let refused = 0;

  /** What goes on with a wish is known from the start, for those who carry it on without asking us. */
  const memberFor = ({ table }: Snapshot, wish: Wish): string => {
    try {
      return outgoing(table, own, undefined, wish) ?? '';
    } catch (error) {
      // With the own namespace it is too much: the call that would carry it says so.
      if (!(error instanceof OverrideRefusedError)) throw error;
      return formatWish(wish);
    }
  };

  const viewOf = (at: Snapshot): View => {
    const { table, revision } = at;
    /** The context that was sent last: a request calls more than once, and equal wishes share a context. */
    let sent: { readonly context: RoutingContext; readonly member: string | null } | null = null;
    return {
      active: table.configured && table.settings.overrides,
      configured: table.configured,
      strict: table.settings.strict,
      baseline: table.settings.baseline,
      revision,
      get digest() {
        return at.digest();
      },
      entries: table.entries,
      find: (service, endpoint, context) => find(at, service, endpoint, context),
      selfAt: (host) => (own === null ? null : serviceAt(table, own, host)),
      unknown: (wish) => unknownItems(table, own, wish),
      accept(wish) {
        const member = memberFor(at, wish);
        const id = `${formatWish(wish)} ${member}`;
        const known = contexts.get(id);
        if (known !== undefined) return known;
        if (contexts.size >= MOST_CONTEXTS) contexts.clear();
        const context = carrying(contextOf(wish), { keys, member });
        contexts.set(id, context);
        return context;
      },
      pass: (wish) => carrying({}, { keys, member: memberFor(at, wish) }),
      outgoing(context, callers) {
        if (context === undefined) return outgoing(table, own, undefined, callers);
        if (sent?.context !== context) sent = { context, member: outgoing(table, own, context, null) };
        return sent.member;
      },
      refuse(items) {
        refused += 1;
        emitter.emit([{ event: 'refused', payload: () => ({ items: [...items], revision }) }]);
      },
    };
  };

  // Asked by every call, and the same until the table is another one.
  let shown: { readonly at: Snapshot; readonly view: View } | null = null;

  return {
    keys,
    refused: () => refused,
    view() {
      const at = snapshot();
      if (shown?.at !== at) shown = { at, view: viewOf(at) };
      return shown.view;
    },
  };
}
