// The parts of zod that a document's shape is made of. The build bundles this file alone, as `zod.cjs`.

export { array, boolean, int, null, pipe, regex, string, transform, union } from 'zod/mini';
