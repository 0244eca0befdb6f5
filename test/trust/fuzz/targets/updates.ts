// A good table, then any number of bad ones: it answers like the good one alone, says so, and recovers.

import { openDesk } from '../desk.ts';
import { differs, firstOf } from '../oracle.ts';
import { below, corpus, pick, type Target } from '../target.ts';
import { saidBy } from './values.ts';

interface Story {
  readonly good: Readonly<Record<string, string>>;
  /** Each over the one before. */
  readonly bad: readonly Readonly<Record<string, string>>[];
}

const VALUES = corpus('values');
const isBad = (value: string): boolean => saidBy(value).answer === 'ERR_ENTRY_INVALID';
const BAD = VALUES.filter((value) => isBad(value));
const GOOD = VALUES.filter((value) => !isBad(value) && !saidBy(value).unsure);
const BAD_SETTINGS = {
  baseline: ['', 'A', 'a,', 'json'],
  strict: ['', 'ON', 'yes'],
  template: ['', 'http://{service}', 'x'],
};
const KEYS = ['my-rest.develop', 'my-rest.feature-x', '_admin.my-rest.develop', 'orders.develop', 'billing.feature-x'];

const desk = openDesk();

function draw(random: () => number): string {
  const good: Record<string, string> = { baseline: pick(random, ['develop', 'epic-1,develop']), strict: 'off' };
  for (const key of KEYS) if (random() < 0.7) good[key] = pick(random, GOOD);
  const bad = Array.from({ length: 1 + below(random, 4) }, () => {
    const update = { ...good };
    for (const key of Object.keys(good)) {
      const options = BAD_SETTINGS[key as keyof typeof BAD_SETTINGS] ?? BAD;
      if (random() < 0.4) update[key] = pick(random, options);
    }
    return update;
  });
  return JSON.stringify({ good, bad } satisfies Story);
}

export const updates: Target = {
  name: 'updates',
  seeds: [
    JSON.stringify({ good: { 'my-rest.develop': '8080' }, bad: [{ 'my-rest.develop': '808O' }] } satisfies Story),
  ],
  words: [],
  draw,
  hold(input) {
    const story = storyIn(input);
    if (story === null) return null;
    desk.lay(story.good);
    const before = seen();
    const { revision } = desk.resolver.status();
    for (const update of story.bad) desk.update(update);
    const after = seen();
    const bad = Object.keys(story.good).filter((key) => story.bad.at(-1)?.[key]?.trim() !== story.good[key]?.trim());
    const stale = desk.resolver.status().stale.map(({ key }) => String(key));
    const said = desk.problems().map(({ key }) => String(key));
    const grown = desk.resolver.status().revision - revision;
    desk.update(story.good);
    return firstOf(
      () => differs('what answers after bad updates', after, before),
      () => differs('the revisions of bad updates', grown, 0),
      () => differs('what is stale', stale.toSorted(), bad.toSorted()),
      () => differs('what is said', said.toSorted(), bad.toSorted()),
      () => differs('what answers after recovery', seen(), before),
      () => differs('what is stale after recovery', desk.resolver.status().stale, []),
    );
  },
};

/** Everything that the table answers. */
function seen(): readonly string[] {
  const { resolver } = desk;
  const services = ['my-rest', 'orders', 'billing'];
  const asked = services.flatMap((service) =>
    ['develop', 'feature-x'].map((namespace) => String(resolver.explain(service, { namespace }).resolution?.url)),
  );
  const { digest, baseline, strict, template } = resolver.status();
  return [
    ...asked,
    ...services.map((service) => String(resolver.explain(service).resolution?.url)),
    digest,
    String(baseline),
    String(strict),
    template,
  ];
}

/** A story that was mutated into none is nobody's. */
function storyIn(input: string): Story | null {
  try {
    const { good, bad } = JSON.parse(input) as Partial<Story>;
    if (good === undefined || bad === undefined || bad.length === 0) return null;
    const isLegal = Object.entries(good).every(
      ([key, value]) => key in BAD_SETTINGS || (KEYS.includes(key) && GOOD.includes(value)),
    );
    const isSame = bad.every((update) => Object.entries(update).every(([key, value]) => isAllowed(key, value, good)));
    return isLegal && isSame && bad.every((update) => Object.keys(update).length === Object.keys(good).length)
      ? { good, bad }
      : null;
  } catch {
    return null;
  }
}

function isAllowed(key: string, value: string, good: Story['good']): boolean {
  const options = BAD_SETTINGS[key as keyof typeof BAD_SETTINGS] ?? BAD;
  return Object.hasOwn(good, key) && (value === good[key] || options.includes(value));
}
