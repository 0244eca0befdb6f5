// A configuration that is not there at start: a named one is an error with every place that was tried; without a name
// nothing changes, and it is found when it appears.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { type BranchlineError, createResolver, fileSource, mountSource, type Resolution } from 'branchline';

import { createKubelet } from '../../doubles/kubelet.ts';
import { now, observe } from './files-observed.ts';
import { POLL, SOON, tableWith } from './mount-opened.ts';
import type { Row } from './service-row.ts';
import { unshared } from './unshared.ts';

export const missingNamed: Row = {
  name: 'configuration missing at start, named',
  required: 'an error with every place that was tried',
  how: 'no such folder or file: one named in code, two, one in BRANCHLINE_CONFIG',
  async run(tools) {
    const folder = tools.folder();
    const places = [join(folder, 'config'), join(folder, 'routes.json'), join(folder, 'nowhere', 'routes.yaml')];
    const [first = '', ...files] = places;
    const one = errorOf(() => createResolver({ sources: [mountSource({ path: first })], namespace: null }));
    tools.same(one?.code, 'ERR_SOURCE_UNREADABLE', 'the error of one place');
    tools.must(one?.message.includes(first) === true, `the error does not name ${first}: ${one?.message}`);

    const start = performance.now();
    const all = errorOf(() =>
      createResolver({
        sources: [mountSource({ path: first }), ...files.map((path) => fileSource({ path }))],
        namespace: null,
      }),
    );
    const milliseconds = performance.now() - start;
    tools.same(all?.code, 'ERR_CONFIG_INVALID', 'the error of three places');
    tools.same(
      all?.problems?.map(({ code }) => code),
      places.map(() => 'ERR_SOURCE_UNREADABLE'),
      'its problems',
    );
    for (const place of places)
      tools.must(all?.message.includes(place) === true, `the error does not name ${place}: ${all?.message}`);

    // As a Pod is started, with the sources that nobody named.
    const child = tools.start('files-child.ts', {
      args: ['{"namespace":"feature-x"}'],
      env: { BRANCHLINE_CONFIG: first },
    });
    const { error } = (await child.said('error')) as { error?: Partial<BranchlineError> };
    tools.same(error?.code, 'ERR_SOURCE_UNREADABLE', 'the error for BRANCHLINE_CONFIG');
    tools.must(error?.message?.includes(first) === true, `the error does not name ${first}: ${error?.message}`);
    return { noticed: `${one?.code}, ${all?.code}`, milliseconds };
  },
};

function errorOf(run: () => unknown): BranchlineError | null {
  try {
    run();
    return null;
  } catch (error) {
    return error as BranchlineError;
  }
}

export const missingDefault: Row = {
  name: 'configuration missing at start, at the default place',
  required: 'nothing changes, without a word but in status(); it is found within a poll of its appearance',
  how: 'a mount namespace whose /etc is an empty folder',
  async run(tools) {
    const namespace = unshared('--user', '--map-root-user', '--mount');
    const etc = join(tools.folder(), 'etc');
    mkdirSync(etc);
    // The .env of the working folder is read as well.
    const first = 'mount --bind "$0" /etc; cd "$0"; exec "$@"';
    const reader = await observe(tools, { baseline: undefined, pollInterval: POLL }, [
      ...namespace,
      'sh',
      '-ec',
      first,
      etc,
    ]);
    await reader.child.said('ready');
    const { url, via } = await reader.ask<Resolution>('lookup my-rest');
    tools.same({ url, via }, { url: 'http://my-rest', via: 'unconfigured' }, 'the answer without a table');
    const { configured, sources } = await reader.status();
    tools.same([configured, sources[0]?.state], [false, 'missing'], 'the status without a table');

    const since = now();
    createKubelet(join(etc, 'branchline')).write({ baseline: 'develop', ...tableWith(8081) });
    const { at } = await reader.heard('change', since);
    tools.must(at - since < POLL + SOON, `found after ${Math.round(at - since)} ms, with a poll every ${POLL} ms`);
    tools.same(await reader.port(), 8081, 'the port');
    tools.same([reader.all('stale'), reader.all('problem')], [[], []], 'what was said besides');
    return { noticed: 'status() says missing; change', milliseconds: at - since };
  },
};
