// A table in every form that a configuration has, and what must not take its place.

export type Text = string | Uint8Array;

/** The same table as a document of each format, and the key of a mount that it is about. */
export const GOOD = {
  key: '8081',
  json: '{"my-rest.develop":8080,"services":{"my-rest":{"feature-x":{"default":8081}}},"orders.develop":"https://orders.example.com"}',
  yaml: 'my-rest.develop: 8080\nservices:\n  my-rest: { feature-x: "8081" }\norders.develop: "https://orders.example.com"\n',
  env: 'BRANCHLINE_MY_REST__DEVELOP="8080"\nBRANCHLINE_MY_REST__FEATURE_X="8081"\nBRANCHLINE_ORDERS__DEVELOP="https://orders.example.com"\n',
} as const;

export type Format = keyof typeof GOOD;
export type Updates = Readonly<Record<Format, readonly Text[]>>;

const KiB = 1_024;
const MiB = 1_024 * KiB;
/** The documents would say another port if they were read. */
const OTHER = {
  key: '9999',
  json: GOOD.json.replace('8081', '9999'),
  yaml: GOOD.yaml.replace('8081', '9999'),
  env: GOOD.env.replace('8081', '9999'),
};
const latin1 = (text: string): Text => Buffer.from(text.replace('example', 'ex\u00e4mple'), 'latin1');
const nul = (text: string): string => text.replace('example', 'ex\0mple');
const inside = (depth: number, core: string): string => `${'{"a":'.repeat(depth)}${core}${'}'.repeat(depth)}`;
const many = Array.from({ length: 20_001 }, (_, index) => [`s${index}`, 'develop', '1'] as const);

export const MALFORMED: Updates = {
  key: [
    '808O',
    '080',
    '65536',
    '9999 9998',
    'http://user:secret@example.com',
    '["9999"]',
    latin1('example.com'),
    nul('example.com'),
  ],
  json: [
    OTHER.json.replace('}}', '},}'),
    OTHER.json.replace('{', '{"my-rest.develop":1,'),
    `${OTHER.json}${OTHER.json}`,
    `[${OTHER.json}]`,
    'null',
    '<html>502 Bad Gateway</html>',
    latin1(OTHER.json),
    nul(OTHER.json),
  ],
  yaml: [
    OTHER.yaml.replace('services:', '  services:'),
    `my-rest.develop: 1\n${OTHER.yaml}`,
    `${OTHER.yaml}---\n${OTHER.yaml}`,
    `a: &a 1\nb: *a\n${OTHER.yaml}`,
    `a: !!js/function "1"\n${OTHER.yaml}`,
    `- ${GOOD.json}`,
    latin1(OTHER.yaml),
    nul(OTHER.yaml),
  ],
  env: [
    OTHER.env.replace('="9999"', ''),
    OTHER.env.replace('"9999"', '"9999'),
    `${OTHER.env}BRANCHLINE_MY_REST__DEVELOP=1\n`,
    OTHER.env.replace('BRANCHLINE_MY_REST__F', 'set BRANCHLINE_MY_REST__F'),
    latin1(OTHER.env),
    nul(OTHER.env),
  ],
};
export const HALF: Updates = {
  key: ['https://'],
  json: [GOOD.json.slice(0, GOOD.json.length / 2)],
  yaml: [GOOD.yaml.slice(0, GOOD.yaml.indexOf('"8081"') + 3)],
  env: [GOOD.env.slice(0, GOOD.env.indexOf('8081') + 2)],
};
// A key without a value says something: deployed here.
export const BLANK: Updates = { key: [], json: ['', ' \n\t\n'], yaml: ['', '# soon\n'], env: ['', '# soon\n'] };
export const OVERSIZED: Updates = {
  key: [OTHER.key.padEnd(MiB + 1)],
  json: [
    OTHER.json.padEnd(MiB + 1),
    `{${many.map(([service, namespace, port]) => `"${service}.${namespace}":${port}`).join(',')}}`,
  ],
  yaml: [OTHER.yaml.padEnd(256 * KiB + 1, '#\n'), OTHER.yaml.padEnd(MiB + 1, '#\n')],
  env: [OTHER.env.padEnd(256 * KiB + 1, '#\n'), OTHER.env.padEnd(MiB + 1, '#\n')],
};
export const TOO_DEEP: Updates = {
  key: [],
  json: [inside(33, OTHER.json), inside(100_000, '1'), '['.repeat(500_000), '{"a":'.repeat(200_000)],
  yaml: [inside(33, OTHER.json), inside(20_000, '1'), '['.repeat(100_000), '- '.repeat(100_000)],
  env: [],
};
