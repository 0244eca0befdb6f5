// Every source passes the same suite.

import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { dotenvSource, envSource, fileSource, memorySource, mountSource, type Source } from 'branchline';
import { type SourceUnderTest, sourceConformance } from 'branchline/testing';
import { describe, expect, test } from 'vitest';

import { portableVariable } from '../../src/core/keys.ts';
import { createKubelet } from '../doubles/kubelet.ts';

type Data = Readonly<Record<string, string>>;

function portable(data: Data): Record<string, string> {
  const name = (key: string): string =>
    key.includes('.') ? (portableVariable(key) as string) : `BRANCHLINE_${key.toUpperCase()}`;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [name(key), value]));
}

function folder(): string {
  return mkdtempSync(join(tmpdir(), 'branchline-'));
}

/** A file that is replaced by a rename, as a careful writer does it. */
function file(name: string, write: (data: Data) => string, source: (path: string) => Source) {
  return (data: Data): SourceUnderTest => {
    const place = folder();
    const path = join(place, name);
    const set = (next: Data): void => {
      writeFileSync(`${path}.new`, write(next));
      renameSync(`${path}.new`, path);
    };
    set(data);
    return { source: source(path), set, vanish: () => rmSync(path), cleanup: () => rmSync(place, { recursive: true }) };
  };
}

const yaml = (data: Data): string =>
  Object.entries(data)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');
const manifest = (data: Data): string => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', data });
const dotenv = (data: Data): string =>
  Object.entries(portable(data))
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');

const makers: Record<string, (data: Data) => SourceUnderTest> = {
  memorySource: (data) => {
    const source = memorySource(data);
    return { source, set: (next) => source.set(next) };
  },
  'mountSource, a ConfigMap of keys': (data) => {
    const path = folder();
    const kubelet = createKubelet(path);
    kubelet.write(data);
    return {
      source: mountSource({ path }),
      set: (next) => void kubelet.write(next),
      vanish: () => void kubelet.write({}),
      cleanup: () => rmSync(path, { recursive: true }),
    };
  },
  'mountSource, a ConfigMap of one document': (data) => {
    const path = folder();
    const kubelet = createKubelet(path);
    kubelet.write({ 'table.yaml': yaml(data) });
    return {
      source: mountSource({ path }),
      set: (next) => void kubelet.write({ 'table.yaml': yaml(next) }),
      vanish: () => void kubelet.write({}),
      cleanup: () => rmSync(path, { recursive: true }),
    };
  },
  'mountSource, a plain folder': (data) => {
    const path = folder();
    const set = (next: Data): void => {
      const stale = new Set(Object.keys(data));
      for (const [key, value] of Object.entries(next)) {
        writeFileSync(join(path, key), value);
        stale.delete(key);
      }
      for (const key of stale) rmSync(join(path, key), { force: true });
    };
    set(data);
    return { source: mountSource({ path }), set, cleanup: () => rmSync(path, { recursive: true }) };
  },
  'fileSource, JSON': file(
    'table.json',
    (data) => JSON.stringify(data),
    (path) => fileSource({ path }),
  ),
  'fileSource, YAML': file('table.yaml', yaml, (path) => fileSource({ path })),
  'fileSource, a manifest': file('map.json', manifest, (path) => fileSource({ path })),
  dotenvSource: file('.env', dotenv, (path) => dotenvSource({ path })),
  'envSource, portable': (data) => ({ source: envSource({ env: portable(data) }) }),
  'envSource, raw': (data) => ({
    source: envSource({
      env: Object.fromEntries(Object.entries(data).map(([key, value]) => [`BRANCHLINE_${key}`, value])),
    }),
  }),
};

describe.each(Object.entries(makers))('%s', (_, make) => {
  test.each(sourceConformance(make))('$name', async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  });
});
