// Configurations as large as they may be, of every kind, in two versions that differ in one entry or in all.

/** What one key, or one document, may be at most; a YAML or `.env` file is cut off earlier. */
const LARGEST = 2 ** 20;
const LARGEST_SLOW = 2 ** 18;
const MOST_ENTRIES = 19_990;

type Table = Readonly<Record<string, string>>;

/** Entries, as many as fit into so many bytes when each takes `each` more than its text. */
function table(version: number, bytes: number, each: number, length = 0): Table {
  const entries: [string, string][] = [['marker.develop', String(1000 + version)]];
  let size = 100;
  for (let index = 0; entries.length < MOST_ENTRIES; index += 1) {
    const key = `service-${index}.develop`;
    const value = `http://h-${index}.example.com${'/base'.repeat(length)}`;
    size += key.length + value.length + each;
    if (size > bytes) break;
    entries.push([key, value]);
  }
  return Object.fromEntries(entries);
}

const nested = (version: number): string => {
  const services: Record<string, Record<string, string>> = {};
  for (const [key, value] of Object.entries(table(version, LARGEST, 22))) {
    services[key.split('.')[0] as string] = { develop: value };
  }
  return JSON.stringify({ services });
};

export interface Kind {
  readonly name: string;
  /** The name of the only file; a folder of key files where there is none. */
  readonly file: string | null;
  /** The text of the file. */
  readonly text?: (version: number) => string;
  /** What reads it knows no pieces, which is why it is cut off earlier. */
  readonly atOnce?: boolean;
  /** The key files. */
  readonly keys?: (version: number) => Table;
}

export const KINDS: readonly Kind[] = [
  { name: 'JSON, flat', file: 'table.json', text: (version) => JSON.stringify(table(version, LARGEST, 6)) },
  { name: 'JSON, nested', file: 'table.json', text: nested },
  {
    name: 'JSON, a manifest with a document in it',
    file: 'table.json',
    text: (version) =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        data: { 'table.json': JSON.stringify(table(version, LARGEST, 10)) },
      }),
  },
  {
    name: 'JSON, one text of 1 MiB',
    file: 'table.json',
    text: (version) =>
      JSON.stringify({ 'marker.develop': String(1000 + version), 'long.develop': 'x'.repeat(LARGEST - 100) }),
  },
  {
    name: 'JSON, white space',
    file: 'table.json',
    text: (version) => `{"marker.develop":"${1000 + version}"${' '.repeat(LARGEST - 40)}}`,
  },
  {
    name: 'JSON, brackets',
    file: 'table.json',
    text: (version) => `{"marker.develop":"${1000 + version}","deep.develop":[${'[],'.repeat(LARGEST / 4)}0]}`,
  },
  {
    name: 'YAML at its limit, flat',
    file: 'table.yaml',
    atOnce: true,
    text: (version) =>
      Object.entries(table(version, LARGEST_SLOW, 3))
        .map(([key, value]) => `${key}: ${value}\n`)
        .join(''),
  },
  {
    name: 'YAML at its limit, in flow style',
    file: 'table.yaml',
    atOnce: true,
    text: (version) => JSON.stringify(table(version, LARGEST_SLOW, 6)),
  },
  {
    name: 'YAML at its limit, a block of text',
    file: 'table.yaml',
    atOnce: true,
    text: (version) =>
      `marker.develop: ${1000 + version}\nlong.develop: |\n${'  x y z\n'.repeat(LARGEST_SLOW / 8 - 16)}`,
  },
  {
    name: '.env at its limit',
    file: 'table.env',
    atOnce: true,
    text: (version) =>
      Object.entries(table(version, LARGEST_SLOW, 18))
        .map(([key, value]) => `BRANCHLINE_${key.toUpperCase().replaceAll('-', '_').replace('.', '__')}=${value}\n`)
        .join(''),
  },
  { name: 'key files, 19,990', file: null, keys: (version) => table(version, LARGEST, 0) },
  { name: 'key files, long', file: null, keys: (version) => table(version, LARGEST, 0, 300) },
  {
    name: 'a key file of 1 MiB',
    file: null,
    keys: (version) => ({ 'marker.develop': String(1000 + version), 'long.develop': 'x'.repeat(LARGEST) }),
  },
  {
    name: 'key files, all malformed',
    file: null,
    keys: (version) => {
      const names = Array.from({ length: 2000 }, (_, index) => [`Service_${index}.develop`, '8'.repeat(500)]);
      return { ...(Object.fromEntries(names) as Table), 'marker.develop': String(1000 + version) };
    },
  },
];
