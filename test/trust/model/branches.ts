// What holds for the namespace of any branch.

import { isBranchlineError, namespaceOf } from 'branchline';
import fc from 'fast-check';

import { anyText, label } from '../../doubles/arbitraries.ts';
import { type Invariant, must, mustEqual } from './invariant.ts';

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

function mapped(branch: string, prefix?: string): string | null {
  try {
    return namespaceOf(branch, prefix === undefined ? {} : { prefix });
  } catch (error) {
    if (!isBranchlineError(error) || error.code !== 'ERR_BRANCH_UNMAPPABLE') throw error;
    return null;
  }
}

/** There is something in it to make a label of, and nobody else has a claim to that. */
function isMappable(text: string): boolean {
  const isText = text.length <= 1024 && !/\p{Surrogate}/u.test(text) && /[a-z0-9]/.test(text.toLowerCase());
  return isText && text !== 'HEAD' && !/^refs\/|^(?:default|json|ya?ml)$|^[^a-z0-9]*kube(?:[^a-z0-9]|$)/i.test(text);
}

const word = fc.oneof(
  label(8),
  fc.string({ unit: fc.constantFrom(...'abAB09éßİ-_/.'.split('')), minLength: 1, maxLength: 12 }),
);
const branch = fc.oneof(
  { weight: 4, arbitrary: fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join('/')) },
  { weight: 1, arbitrary: anyText(200) },
  { weight: 1, arbitrary: fc.tuple(label(60), fc.nat(2000)).map(([name, length]) => name.padEnd(length, 'x')) },
);

const name: Invariant = {
  name: 'a branch has the same namespace each time, a label that is its own namespace, or none with its code',
  runs: { short: 10_000, full: 100_000 },
  property: fc.property(
    branch,
    fc.option(fc.constantFrom('pr-', 'x', 'team-7-'), { nil: undefined }),
    (text, prefix) => {
      const namespace = mapped(text, prefix);
      mustEqual(mapped(text, prefix), namespace, 'the second time');
      must(namespace !== null || !isMappable(text), 'it has none');
      if (namespace === null) return;
      must(LABEL.test(namespace), () => `${namespace} is no label`);
      must(
        prefix === undefined || namespace.startsWith(prefix.replace(/-$/, '')),
        () => `${namespace} without ${prefix}`,
      );
      if (!namespace.startsWith('kube-')) mustEqual(mapped(namespace), namespace, 'its own namespace');
      if (LABEL.test(text) && !text.startsWith('xn--') && prefix === undefined) mustEqual(namespace, text, 'a label');
    },
  ),
};

/** Ways to write almost the same. */
const CLOSE: readonly ((text: string) => string)[] = [
  (text) => text.toUpperCase(),
  (text) => text.replaceAll('/', '-'),
  (text) => text.replaceAll('-', '/'),
  (text) => text.replaceAll('-', '_'),
  (text) => text.replaceAll('-', '--'),
  (text) => text.replace('/', '.'),
  (text) => `${text}/`,
  (text) => `-${text}`,
  (text) => `${text} `,
  (text) => text.normalize('NFD'),
  (text) => text.normalize('NFC'),
  (text) => `${text.padEnd(80, 'y')}1`,
  (text) => `${text.padEnd(80, 'y')}2`,
  (text) => `feature/${text}`,
  (text) => `feature-${text}`,
];

const apart: Invariant = {
  name: 'two branches that are written almost alike never meet in one namespace',
  runs: { short: 3000, full: 30_000 },
  property: fc.property(branch, (text) => {
    const owners = new Map<string, string>();
    for (const close of new Set([text, ...CLOSE.map((write) => write(text))])) {
      const namespace = mapped(close);
      if (namespace === null) continue;
      const owner = owners.get(namespace);
      must(owner === undefined, () => `${JSON.stringify(owner)} and ${JSON.stringify(close)} are both ${namespace}`);
      owners.set(namespace, close);
    }
  }),
};

export const branches: readonly Invariant[] = [name, apart];
