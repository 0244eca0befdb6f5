// Choose, never construct: an item of a wish is only a key into the table. What a request asks for, whether the table
// has it, and what goes on with the calls that it causes.

import { membersOf, withMember, withoutMembers } from './baggage.ts';
import { carriedBy } from './context.ts';
import { OverrideRefusedError } from './errors.ts';
import type { View } from './routing.ts';
import { hasNamespace, livesIn, type Table } from './table.ts';
import type { RoutingContext } from './types.ts';
import { formatWish, itemsOf, MOST_ITEMS, parseWish, type Wish, wishOf } from './wish.ts';

/** What a baggage header, or whoever selects for a request, asks for. `wish` is `null` for what is none. */
export interface Asked {
  readonly text: string;
  readonly wish: Wish | null;
}

/**
 * What a header asks for under the first of our keys that it has; `null` for nothing. Equal members count once; two
 * different ones are no wish, because nobody can say which is meant.
 */
export function askedFor(header: string | null, keys: readonly string[]): Asked | null {
  if (header === null) return null;
  const members = membersOf(header, keys);
  const key = keys.find((candidate) => members.some((member) => member.key === candidate));
  const values = members.filter((member) => member.key === key).map(({ value }) => value);
  const [first, ...others] = values.map((value) => (value === null ? NO_VALUE : asked(value)));
  if (first === undefined) return null;
  const agree = others.every(({ wish }) => wish !== null && first.wish !== null && same(wish, first.wish));
  return agree ? first : { text: values.join(','), wish: null };
}

const NO_VALUE: Asked = { text: '', wish: null };

/** What a text asks for. */
export function asked(text: string): Asked {
  return { text, wish: parseWish(text) };
}

function same(one: Wish, other: Wish): boolean {
  return formatWish(one) === formatWish(other);
}

/** The items that the table does not have: a namespace that nobody names, a pin without an entry. */
export function unknownItems(table: Table, own: string | null, { namespaces, services }: Wish): string[] {
  const { baseline } = table.settings;
  const isKnown = (namespace: string): boolean =>
    namespace === own || baseline.includes(namespace) || hasNamespace(table, namespace);
  return [
    ...namespaces.filter((namespace) => !isKnown(namespace)),
    ...[...services]
      .filter(([service, namespace]) => !livesIn(table, service, namespace))
      .map(([service, namespace]) => `${service}.${namespace}`),
  ];
}

const NOTHING: Wish = { namespaces: [], services: new Map() };

/**
 * What travels with a call: the context's wish, or the one that the caller wrote itself, and in a branch the own
 * namespace last, so that a pin or another override does not lose the branch. `null` for nothing to send.
 * @throws `ERR_OVERRIDE_REFUSED` for more than eight items
 */
export function outgoing(
  table: Table,
  own: string | null,
  context: RoutingContext | undefined,
  callers: Wish | null,
): string | null {
  const wish = (context === undefined ? callers : travelling(context)) ?? NOTHING;
  const isBranch = own !== null && !table.settings.baseline.includes(own);
  const whole: Wish =
    isBranch && !wish.namespaces.includes(own) ? { ...wish, namespaces: [...wish.namespaces, own] } : wish;
  if (whole === NOTHING) return null;
  const items = itemsOf(whole);
  if (items.length > MOST_ITEMS) {
    throw new OverrideRefusedError(
      `the call would carry ${items.length} items, ${items.join('~')}, and ${MOST_ITEMS} is the most. Wish for fewer; one that is left out would go to the baseline.`,
      { items },
    );
  }
  return items.length === 0 ? null : items.join('~');
}

/**
 * The `baggage` header of a call that we resolved: the caller's own, with what travels in the place of our member. What
 * the caller wrote under our key and is no wish stays: whoever receives it refuses it.
 * @throws `ERR_OVERRIDE_REFUSED`
 */
export function outgoingHeader(
  keys: readonly string[],
  view: View,
  context: RoutingContext | undefined,
  header: string | null,
): string | null {
  if (!view.active) return header;
  const callers = context === undefined ? askedFor(header, keys) : null;
  if (callers !== null && callers.wish === null) return header;
  const wish = callers?.wish ?? null;
  const member = view.outgoing(context, wish);
  if (wish !== null && member === formatWish(wish)) return header;
  if (member !== null) return withMember(header, keys, keys[0] as string, member);
  return header === null ? null : withoutMembers(header, keys);
}

function travelling(context: RoutingContext): Wish | null {
  const carried = carriedBy(context);
  return carried === undefined ? wishOf(context) : parseWish(carried.member);
}
