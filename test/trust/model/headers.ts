// What holds for any baggage header: a choice among what the table has, or a refusal, or nothing; the same however the
// header is spelt and whoever else is in it; and what is not ours stays as it is.

import { receive } from 'branchline';
import fc from 'fast-check';

import { anyText, label } from '../../doubles/arbitraries.ts';
import { type Invariant, must, mustEqual } from './invariant.ts';
import { open } from './tables.ts';

const ENTRIES = {
  'a.develop': '80',
  'a.feature-y': '',
  'b.epic-1': 'x y',
  '_admin.c.feature-z': '90',
  'd.develop': '',
};
const KNOWN = ['develop', 'feature-x', 'feature-y', 'feature-z', 'epic-1'];
const PINS = ['a.develop', 'a.feature-y', 'b.epic-1', 'c.feature-z', 'd.develop'];

const item = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...KNOWN, ...PINS) },
  { weight: 1, arbitrary: fc.constantFrom('nowhere', 'a.epic-1', 'x.develop', 'constructor', 'a.constructor') },
  { weight: 1, arbitrary: label() },
  { weight: 1, arbitrary: anyText(20).map((text) => text.replaceAll(/[,;]/g, '')) },
);
const wish = fc.array(item, { maxLength: 9 }).map((items) => items.join('~'));
const ours = fc.oneof(
  { weight: 4, arbitrary: wish.map((text) => [`branchline=${text}`]) },
  { weight: 1, arbitrary: fc.tuple(wish, wish).map((all) => all.map((text) => `branchline=${text}`)) },
  {
    weight: 1,
    arbitrary: wish.map((text) => [`branchline=${text.replaceAll('~', '%7E')};ttl=1`, `branchline=${text}`]),
  },
);
const foreign = fc.array(
  fc.oneof(
    fc.constantFrom(
      'tenant=7',
      'Branchline=feature-y',
      'branchline2=x',
      'x=branchline=epic-1',
      '%=%',
      '=',
      ' ;p ',
      'k=v;p=1',
    ),
    anyText(15).map((text) => `k=${text.replaceAll(/[,\r\n\0]|\p{Surrogate}/gu, '')}`),
  ),
  { maxLength: 3 },
);

const resolver = open(ENTRIES);
resolver.on('refused', () => {});

const decision: Invariant = {
  name: 'a header is a choice among what the table has, or a refusal, whatever its case, carrier and neighbours',
  runs: { short: 2000, full: 8000 },
  property: fc.property(
    ours,
    foreign,
    foreign,
    fc.constantFrom('reject', 'ignore'),
    (members, before, after, refused) => {
      const alone = decide({ baggage: members.join(',') }, refused);
      chosen(alone);
      const all = [...before, ...members, ...after];
      const header = all.join(',');
      const carriers: object[] = [
        { baggage: header },
        { Baggage: header },
        { BAGGAGE: all },
        { get: (name: string) => (name.toLowerCase() === 'baggage' ? header : null), set: () => {} },
        { baggage: Buffer.from(header) },
      ];
      for (const carrier of carriers) {
        const decided = decide(carrier, refused);
        mustEqual(
          { ...decided, baggage: null },
          { ...alone, baggage: null },
          `beside ${JSON.stringify([...before, ...after])}`,
        );
        const others = [...before, ...after];
        const kept = (decided.baggage ?? '').split(',').filter((member) => !member.trim().startsWith('branchline='));
        if (decided.baggage !== header && !('BAGGAGE' in carrier))
          mustEqual(kept.join(','), others.join(','), 'the members of others');
      }
    },
  ),
};

interface Decided {
  readonly choice: unknown;
  readonly reject: boolean;
  readonly code: string | null;
  readonly responseHeaders: Record<string, string>;
  readonly baggage: string | null;
}

function decide(carrier: object, refused: 'reject' | 'ignore'): Decided {
  const { context, refusal, reject, responseHeaders, baggage } = receive(carrier, { trust: true, refused, resolver });
  return { choice: context ?? null, reject, code: refusal?.code ?? null, responseHeaders, baggage };
}

/** A choice of what is there, or a refusal, or no wish. */
function chosen({ choice, reject, code, responseHeaders }: Decided): void {
  const { namespaces = [], services = {} } = (choice ?? {}) as {
    namespaces?: string[];
    services?: Record<string, string>;
  };
  must(
    namespaces.every((name) => KNOWN.includes(name)),
    () => `the choice has ${namespaces.join(', ')}`,
  );
  const pins = Object.entries(services).map((pin) => pin.join('.'));
  must(
    pins.every((pin) => PINS.includes(pin)),
    () => `the choice has ${pins.join(', ')}`,
  );
  const accepted = responseHeaders['branchline-accepted'];
  const isChoice = namespaces.length + pins.length > 0;
  must(isChoice === (accepted !== undefined), () => `accepted ${accepted}, and chosen ${JSON.stringify(choice)}`);
  must(code === null || code === 'ERR_OVERRIDE_REFUSED', () => `the code is ${code}`);
  must((code !== null) === (responseHeaders['branchline-refused'] !== undefined), `refused and not told`);
  must(!(isChoice && code !== null) && !(reject && code === null), 'both a choice and a refusal');
}

const untrusted: Invariant = {
  name: 'who is not trusted wishes for nothing, and nothing of the wish goes on',
  runs: { short: 5000, full: 100_000 },
  property: fc.property(ours, foreign, (members, others) => {
    const { context, baggage, reject, responseHeaders } = receive(
      { baggage: [...others, ...members].join(',') },
      { trust: false, resolver },
    );
    mustEqual([context, reject, responseHeaders], [undefined, false, {}], 'what becomes of it');
    mustEqual(
      (baggage ?? '').trim(),
      others.every((one) => one.trim() === '') ? '' : others.join(',').trim(),
      'what goes on',
    );
  }),
};

export const headers: readonly Invariant[] = [decision, untrusted];
