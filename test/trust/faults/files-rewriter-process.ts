// Writes a document in place and in two halves, as careless scripts do: truncated first, or over one of the same size.
// Between the halves it takes its time, if it has any.

import { closeSync, openSync, writeSync } from 'node:fs';

import { numberedDocument } from '../../doubles/numbered.ts';
import { obey } from '../../doubles/order.ts';
import type { Order } from '../../doubles/writer.ts';
import { randomOf } from '../trial.ts';

obey((order) => {
  const { path, entries, pause, truncates } = order as Order & { truncates: boolean };
  const random = randomOf(pause?.seed ?? 0);
  const cell = new Int32Array(new SharedArrayBuffer(4));
  return (sequence) => {
    const text = numberedDocument(entries, sequence);
    const half = text.length >> 1;
    const file = openSync(path, truncates ? 'w' : 'r+');
    writeSync(file, text.slice(0, half));
    if (pause !== undefined) Atomics.wait(cell, 0, 0, random() * pause.most);
    writeSync(file, text.slice(half));
    closeSync(file);
  };
});
