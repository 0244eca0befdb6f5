// Everything that is fuzzed.

import { decisions } from '../decisions/target.ts';
import type { Target } from '../target.ts';
import { baggage } from './baggage.ts';
import { branches } from './branches.ts';
import { json, yaml } from './documents.ts';
import { dotenv } from './dotenv.ts';
import { environment } from './environment.ts';
import { keys } from './keys.ts';
import { locations } from './locations.ts';
import { names } from './names.ts';
import { paths } from './paths.ts';
import { routes } from './routes.ts';
import { settings } from './settings.ts';
import { spellings } from './spellings.ts';
import { templates } from './templates.ts';
import { updates } from './updates.ts';
import { urls } from './urls.ts';
import { values } from './values.ts';

/** What reads a table, and names. */
export const PARSERS: readonly Target[] = [
  keys,
  values,
  settings,
  templates,
  json,
  yaml,
  dotenv,
  environment,
  branches,
  names,
  updates,
  spellings,
];

/** What reads headers and URLs. */
export const HEADERS: readonly Target[] = [baggage, routes, urls, paths, locations];

/** These write files, or make many resolvers for one input. */
export const SLOW: ReadonlySet<Target> = new Set([json, yaml, dotenv, spellings]);

export const TARGETS: readonly Target[] = [...PARSERS, ...HEADERS, decisions];
