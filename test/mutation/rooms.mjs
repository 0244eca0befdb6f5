// What is mutated, and which tests have to notice it: a room at a time, so that nothing is lost and little is run.

/**
 * Room → its sources, the folders of the tests that belong to them, and whether every test file needs a thread to
 * itself: those that fake modules or keep something for the whole process do, and take five times as long.
 */
export const ROOMS = {
  core: { mutate: ['src/core/*.ts'], tests: ['core', 'resolver'], isolate: false },
  documents: { mutate: ['src/core/documents/*.ts'], tests: ['core', 'resolver'], isolate: false },
  context: { mutate: ['src/context/{carrier,context,hops,receive}.ts'], tests: ['context', 'core'], isolate: false },
  resolver: { mutate: ['src/resolver/*.ts'], tests: ['resolver', 'core', 'context', 'http'], isolate: true },
  sources: { mutate: ['src/sources/**/*.ts'], tests: ['sources', 'mount', 'resolver'], isolate: true },
};

/** Reports, and what earlier runs found: out of the tree and out of git. */
export const CACHE = 'node_modules/.cache/mutation';

export const name = process.env['MUTATION_ROOM'] ?? 'core';
export const room = ROOMS[name];
