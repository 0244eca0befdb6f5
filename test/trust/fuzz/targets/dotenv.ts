// `.env` files: what is taken is what dotenv itself reads of our names, and nothing of ours is passed over in silence.

import { dotenvSource, envSource } from 'branchline';
import { parse } from 'dotenv';

import { resolverOf, textOf, writeBytes } from '../files.ts';
import { attempt, differs, firstOf, messageFault, suspects } from '../oracle.ts';
import { corpus, type Target, toBytes } from '../target.ts';

export const dotenv: Target = {
  name: 'dotenv',
  seeds: corpus('dotenv').map((text) => toBytes(text)),
  words: [
    'BRANCHLINE_',
    'BRANCHLINE_A__DEVELOP',
    '=',
    '\n',
    '"',
    "'",
    '`',
    '#',
    'export ',
    ' ',
    '\\',
    '\r',
    ': ',
    '8080',
    '_',
    '__',
  ],
  async hold(bytes) {
    const path = writeBytes('table.env', bytes);
    const text = textOf(bytes);
    const words = suspects(text ?? '', (text ?? '').split(/[\s="'`]+/));
    const read = attempt(() => resolverOf(dotenvSource({ path })), ...words);
    if ('code' in read) {
      const isThrown = read.code === 'ERR_SOURCE_UNREADABLE' && text !== null;
      return read.fault ?? (isThrown ? 'reading .env failed' : null);
    }
    const { digest, problems } = read.value.status();
    await read.value.close();
    // Which end a line for dotenv, and nowhere else.
    const env = parse((text ?? '').replaceAll(/[\u2028\u2029]/g, ' '));
    // Steering, which a `.env` may have and which says nothing of the table.
    delete env['BRANCHLINE_NAMESPACE'];
    const reference = attempt(() => resolverOf(envSource({ env })));
    const expected = 'value' in reference ? reference.value.status().digest : reference.code;
    if ('value' in reference) await reference.value.close();
    return firstOf(
      () => differs('the table of .env', digest, expected),
      () => differs('names that were passed over', passedOver(text ?? '', env), []),
      ...problems.map(
        ({ message }) =>
          () =>
            messageFault(message, ...words),
      ),
    );
  },
};

/** Lines that look like ours, by the simplest of patterns, and are no part of what dotenv read. */
function passedOver(text: string, env: Readonly<Record<string, string>>): string[] {
  const rows = text.split(/\r\n?|\n/);
  const names = rows.flatMap((row) => /^(?:export )?(BRANCHLINE_[A-Z0-9_]+)=/.exec(row)?.[1] ?? []);
  return names.filter((name) => name !== 'BRANCHLINE_NAMESPACE' && !Object.hasOwn(env, name));
}
