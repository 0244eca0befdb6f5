// A document that somebody hands over as a text: what a command reads from its standard input.

import type { Source } from '../core/source.ts';
import { readTable } from './file.ts';
import { idle } from './idle.ts';

/** One document, JSON or YAML, also a ConfigMap manifest; `name` is its place in messages. */
export function textSource(name: string, text: string): Source {
  return {
    name,
    fixed: true,
    open(sink) {
      sink.pushNow(readTable(name, text, text.trimStart().startsWith('{') ? 'json' : 'yaml'));
      sink.watching('none');
      return idle();
    },
  };
}
