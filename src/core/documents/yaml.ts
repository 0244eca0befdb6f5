// YAML as far as a routing table needs it: mappings, lists and plain scalars. No aliases, no tags, no merge keys, one
// document. Every scalar is text, but an unquoted `null` (https://yaml.org/spec/1.2.2/#1021-tags): `0x1f90` and `yes`
// must not turn into something else on the way.

import type { Event } from 'js-yaml';

import { DEPTH_LIMIT, sizeOf, SLOW_DOCUMENT_LIMIT } from '../reading.ts';
import { type Broken, LINE_DEPTH, lineCounter, lineKey, type Parsed } from './json.ts';

/** The module `js-yaml`, as a value: it is loaded when the first YAML document asks for it. */
export type YamlModule = typeof import('js-yaml');

export function parseYaml(text: string, yaml: YamlModule): Parsed | Broken {
  if (sizeOf(text) > SLOW_DOCUMENT_LIMIT) {
    return {
      broken: {
        reason: `it is larger than ${SLOW_DOCUMENT_LIMIT} bytes, the limit of YAML; JSON takes more`,
        line: null,
      },
    };
  }
  let events: Event[];
  try {
    // It counts a scalar as a level, and the document; the exact limit is looked at below.
    events = yaml.parseEvents(text, { maxDepth: DEPTH_LIMIT + 3 });
  } catch (error) {
    return { broken: breakage(error, yaml) };
  }
  const lines = new Map<string, number>();
  const refused = inspect(events, text, yaml, lines);
  if (refused !== null) return refused;
  try {
    const schema = yaml.FAILSAFE_SCHEMA.withTags(yaml.nullCoreTag);
    const documents = yaml.constructFromEvents(events, { source: text, schema, maxAliases: 0 });
    if (documents.length > 1) return { broken: { reason: 'it holds several documents; want one', line: null } };
    return { value: documents[0] ?? null, lines };
  } catch (error) {
    return { broken: breakage(error, yaml) };
  }
}

/** Refuses what a table has no use for, and notes the line of each key. */
function inspect(events: readonly Event[], text: string, yaml: YamlModule, lines: Map<string, number>): Broken | null {
  const { EVENT_ID, SCALAR_STYLE, getScalarValue } = yaml;
  const lineAt = lineCounter(text);
  const refuse = (what: string, offset: number): Broken => ({ broken: { reason: what, line: lineAt(offset) } });
  /** Of each open container: whether it is a mapping, whether a key is due, and the key. */
  const stack: { mapping: boolean; keyDue: boolean; key: string }[] = [];

  for (const event of events) {
    if (event.type === EVENT_ID.POP) {
      stack.pop();
      continue;
    }
    if (event.type === EVENT_ID.ALIAS)
      return refuse('aliases ("*name") are not read; write the value out', event.anchorStart);
    if (event.type === EVENT_ID.DOCUMENT) {
      stack.push({ mapping: false, keyDue: false, key: '' });
      continue;
    }
    if (event.anchorStart >= 0) return refuse('anchors ("&name") are not read; write the value out', event.anchorStart);
    if (event.tagStart >= 0) return refuse('tags ("!name") are not read; leave the tag out', event.tagStart);

    const open = stack.at(-1);
    if (open?.mapping && open.keyDue) {
      if (event.type !== EVENT_ID.SCALAR) return refuse('a key must be a plain word', event.start);
      open.key = getScalarValue(text, event);
      if (open.key === '<<' && event.style === SCALAR_STYLE.PLAIN) {
        return refuse('merge keys ("<<") are not read; write the values out', event.valueStart);
      }
      const path = stack.slice(1).map((level) => level.key);
      if (path.length <= LINE_DEPTH) lines.set(lineKey(path), lineAt(event.valueStart));
      open.keyDue = false;
      continue;
    }
    if (open !== undefined) open.keyDue = open.mapping;
    if (event.type !== EVENT_ID.SCALAR && stack.length > DEPTH_LIMIT) {
      return refuse(`it nests deeper than ${DEPTH_LIMIT}`, event.start);
    }
    if (event.type === EVENT_ID.MAPPING) stack.push({ mapping: true, keyDue: true, key: '' });
    if (event.type === EVENT_ID.SEQUENCE) stack.push({ mapping: false, keyDue: false, key: '' });
  }
  return null;
}

/** The parser's reason and line, without the snippet of the text that it likes to show. */
function breakage(error: unknown, yaml: YamlModule): { reason: string; line: number | null } {
  if (!(error instanceof yaml.YAMLException)) return { reason: 'it is not YAML', line: null };
  const { reason, mark } = error as { reason?: string; mark?: { line?: number } };
  return { reason: `it is not YAML: ${reason ?? 'unknown'}`, line: mark?.line === undefined ? null : mark.line + 1 };
}
