// Every prefix of a document: what is cut off must not be read as if it were whole.

import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { createResolver, fileSource } from 'branchline';
import { load } from 'js-yaml';

import { GOOD } from './configuration-texts.ts';
import { open } from './mount-opened.ts';
import type { Row, Tools } from './service-row.ts';

interface Form {
  readonly name: string;
  readonly whole: string;
  /** Somebody else's opinion: it does not parse, so it must change nothing. */
  readonly isBroken: (prefix: string) => boolean;
}

const MANIFEST = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'branchline' },
  data: { baseline: 'develop', 'my-rest.develop': '8080', 'my-rest.feature-x': '8081', 'routes.json': GOOD.json },
};

const FEW: readonly Form[] = [
  { name: 'routes.json', whole: GOOD.json, isBroken: () => true },
  { name: 'routes.yaml', whole: GOOD.yaml, isBroken: (prefix) => !isMapping(prefix) },
  // dotenv takes every text: what it does not read as it was meant is blank, or ends in a name or a quotation.
  { name: 'routes.env', whole: GOOD.env, isBroken: (prefix) => /^$|(?:^|\n)[^=\n]+$|="[^"\n]*$/.test(prefix) },
];
const MANY: readonly Form[] = [
  ...FEW,
  { name: 'indented.json', whole: JSON.stringify(JSON.parse(GOOD.json), null, 2), isBroken: () => true },
  { name: 'manifest.json', whole: JSON.stringify(MANIFEST), isBroken: () => true },
  { name: 'flow.yaml', whole: GOOD.json, isBroken: (prefix) => !isMapping(prefix) },
];

function isMapping(text: string): boolean {
  try {
    const value = load(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

export const everyPrefix: Row = {
  name: 'an update that is cut off, at every character',
  required: 'what does not parse changes no answer and is stale; what parses answers as a new resolver would',
  how: 'each prefix of JSON, YAML and .env, renamed into place, and a reload',
  async run(tools, { times }) {
    const seen = await Promise.all((times(0, 1) === 0 ? FEW : MANY).map(async (form) => everyOf(tools, form)));
    const kept = seen.reduce((sum, one) => sum + one.kept, 0);
    const all = seen.reduce((sum, one) => sum + one.all, 0);
    return {
      noticed: `stale, ${kept} of ${all} prefixes kept out`,
      milliseconds: Math.max(...seen.map(({ slowest }) => slowest)),
    };
  },
};

async function everyOf(
  tools: Tools,
  { name, whole, isBroken }: Form,
): Promise<{ all: number; kept: number; slowest: number }> {
  const path = join(tools.folder(), name);
  const write = (text: string): void => {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  };
  write(whole);
  // What is looked at is looked at by reload(): nothing here depends on time.
  const { resolver, events, answers } = await open(tools, fileSource({ path }), {
    watch: false,
    pollInterval: 3_600_000,
  });
  let kept = 0;
  let slowest = 0;
  const wrong: string[] = [];
  const prefixes = Array.from(whole.trimEnd(), (_, length) => whole.slice(0, length));
  for (const prefix of prefixes) {
    write(whole);
    await resolver.reload();
    const before = answers();
    write(prefix);
    const start = performance.now();
    await resolver.reload();
    slowest = Math.max(slowest, performance.now() - start);
    const after = answers();
    const alone = digestOf(path);
    const isOut = isBroken(prefix) || alone === 'refused';
    if (isOut) kept += 1;
    const isRight = isOut
      ? isDeepStrictEqual(after, before) && resolver.status().stale.length > 0
      : alone === 'with problems' || alone === after.digest;
    if (!isRight) wrong.push(`${JSON.stringify(prefix)}: ${JSON.stringify(after)}, not ${JSON.stringify(before)}`);
  }
  tools.must(
    wrong.length === 0,
    `${name}: ${wrong.length} of ${prefixes.length} prefixes, the first of them ${wrong[0]}`,
  );
  write(whole);
  await resolver.reload();
  tools.same(resolver.status().stale, [], `${name}: what is stale when it is whole again`);
  tools.must(events.stale.length > 0, `${name}: no event said that it was stale`);
  return { all: prefixes.length, kept, slowest };
}

/** What a resolver says that never saw anything else. */
function digestOf(path: string): string {
  try {
    const resolver = createResolver({ sources: [fileSource({ path })], namespace: 'feature-x', baseline: 'develop' });
    resolver.on('problem', () => {});
    void resolver.close();
    const { problems, digest, configured } = resolver.status();
    if (!configured) return 'refused';
    return problems.length > 0 ? 'with problems' : digest;
  } catch {
    return 'refused';
  }
}
