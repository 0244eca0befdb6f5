// Reloads a mount of 1 MiB in a document and 1 MiB in key files, all of it changed each time, with bad versions in between.

import { createResolver, mountSource } from 'branchline';

import { createKubelet, type Payload } from '../../doubles/kubelet.ts';

const [path = '', reloads = '0'] = process.argv.slice(2);
const KEYS = 520;
const LEAVES = 14_000;

/** All but the marker, in two versions that have no value in common. */
const VERSIONS = ['even', 'odd'].map((name) => {
  // Each of about 2,000 bytes.
  const base = `http://h-${name}.example.com/${'base'.repeat(490)}`;
  const keys = Object.fromEntries(Array.from({ length: KEYS }, (_, index) => [`key-${index}.develop`, base]));
  const leaf = `http://h-${name}.example.com/${'x'.repeat(24)}`;
  const leaves = Array.from({ length: LEAVES }, (_, index) => [`leaf-${index}.develop`, leaf]);
  return { name, keys, text: JSON.stringify(Object.fromEntries(leaves)) };
});
const versionOf = (version: number): (typeof VERSIONS)[number] => VERSIONS[version % 2] as (typeof VERSIONS)[number];

/** Every tenth has a document that does not parse, and answers with the last. */
const isBroken = (version: number): boolean => version % 10 === 9;

function payload(version: number): Payload {
  const { keys, text } = versionOf(version);
  const document = isBroken(version) ? text.slice(0, -1) : text;
  return { ...keys, baseline: 'develop', 'marker.develop': String(1 + version), 'table.json': document };
}

const kubelet = createKubelet(path);
kubelet.write(payload(0));
const resolver = createResolver({ sources: [mountSource({ path })], namespace: null, pollInterval: 3_600_000 });
resolver.on('problem', () => {});
await resolver.ready();
const wrong: string[] = [];
let most = 0;
for (let version = 1; version <= Number(reloads); version += 1) {
  kubelet.write(payload(version));
  await resolver.reload();
  most = Math.max(most, process.memoryUsage().heapUsed);
  const leaf = versionOf(isBroken(version) ? version - 1 : version);
  const seen = [`key-${KEYS - 1}`, `leaf-${LEAVES - 1}`].map((service) => resolver.lookup(service).hostname);
  const due = [versionOf(version), leaf].map(({ name }) => `h-${name}.example.com`);
  const { port } = resolver.lookup('marker');
  if (String([...seen, port]) !== String([...due, 1 + version]))
    wrong.push(`version ${version} is ${String(seen)}, ${port}`);
}
const { entries } = resolver.status();
await resolver.close();
process.stdout.write(
  `${JSON.stringify({ wrong: wrong.slice(0, 10), most, entries, bytes: JSON.stringify(payload(1)).length })}\n`,
);
