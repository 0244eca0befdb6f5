// One part, in a process of its own: what it loads and warms up, and what it leaves behind, is nobody else's.

import process from 'node:process';

import { PARTS } from '../parts/index.ts';
import type { Given } from './part.ts';

const [name, kind] = process.argv.slice(2);
const part = PARTS.find((one) => one.name === name);
if (part === undefined || process.send === undefined) throw new TypeError('run.js is started by main.js');

const smoke = kind === 'smoke';
const given: Given = {
  smoke,
  times: (whole, few) => (smoke ? few : whole),
  progress: (text) => void process.stderr.write(`    ${text}\n`),
};
process.send(await part.run(given));
process.disconnect();
