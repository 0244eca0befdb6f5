// Full documents of the least useful kind, in a small heap.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createResolver, fileSource } from 'branchline';

const folder = mkdtempSync(join(tmpdir(), 'branchline-'));
const documents = [
  Array.from({ length: 95_000 }, (_, index) => `"${index}":0`),
  Array.from({ length: 85_000 }, (_, index) => `"${index}.":0`),
  Array.from({ length: 19_000 }, (_, index) => `"service-number-${index}.develop":"http://host-${index}"`),
];
const refused = documents.map((lines, index) => {
  const path = join(folder, `${index}.json`);
  writeFileSync(path, `{${lines.join(',')}}`);
  try {
    createResolver({ sources: [fileSource({ path })], namespace: null, watch: false });
    return 'ok';
  } catch (error) {
    return /holds more than/.exec(String(error))?.[0] ?? String(error);
  }
});
process.stdout.write(`${JSON.stringify({ refused })}\n`);
process.exitCode = 0;
