// What a resolver says of itself.

import type { Problem } from '../core/errors.ts';
import type { Table } from '../core/table.ts';
import type { SourceStatus } from './intake.ts';
import type { Stale } from './staleness.ts';

/** Everything about a resolver, as plain data. */
export interface Status {
  /** False while no source gives an entry or a baseline. */
  configured: boolean;
  namespace: string | null;
  baseline: string[];
  template: string;
  strict: boolean;
  overrides: boolean;
  /** Counts the tables of this process, from 1. */
  revision: number;
  /** Compares tables between processes: 16 hex digits. */
  digest: string;
  entries: number;
  sources: SourceStatus[];
  /** What answers with its last good state. */
  stale: Stale[];
  problems: Problem[];
  /** How many overrides of requests were refused. */
  refused: number;
  closed: boolean;
}

/** The settings in force, as plain data. */
export function settingsOf({ settings }: Table): Pick<Status, 'baseline' | 'template' | 'strict' | 'overrides'> {
  const { baseline, template, strict, overrides } = settings;
  return { baseline: [...baseline], template: template.text, strict, overrides };
}
