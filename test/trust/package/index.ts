// What can be checked before the package is installed, and what an import of it does: nothing.

import type { Outcome, Trial } from '../trial.ts';
import { checked } from './checks.ts';
import { importsDoNothing } from './imports.ts';
import { sameElsewhere } from './rebuild.ts';

const trial = (name: string, from: Trial['from'], run: () => Outcome): Trial => ({
  axis: 'verifiable',
  name,
  from,
  run: () => Promise.resolve().then(run),
});

export const packaging: readonly Trial[] = [
  trial('dependencies run no script when they are installed', 'short', () =>
    checked('check-supply-chain', 'dependencies'),
  ),
  trial('the bill of materials lists what comes along', 'short', () =>
    checked('check-supply-chain', 'bill of materials'),
  ),
  trial('workflows run only what they pin', 'short', () => checked('check-supply-chain', 'workflows')),
  trial('a release is signed', 'short', () => checked('check-supply-chain', 'release')),
  trial('the tarball holds what it should, and nothing else', 'short', () => checked('check-tarball', 'tarball')),
  trial('importing the packed files touches nothing', 'short', importsDoNothing),
  trial('the sources make the packed files, wherever they are built', 'full', sameElsewhere),
];
