// Rewrites a document in place, in two halves, as a careless script does. Started by writer.ts.

import { closeSync, openSync, writeSync } from 'node:fs';

import { numberedDocument } from './numbered.ts';
import { obey } from './order.ts';

obey(({ path, entries }) => (sequence) => {
  const text = numberedDocument(entries, sequence);
  const file = openSync(path, 'w');
  writeSync(file, text.slice(0, text.length / 2));
  writeSync(file, text.slice(text.length / 2));
  closeSync(file);
});
