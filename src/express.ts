// branchline/express: the wish of a request in Express 4 and 5, and what a Pod knows for operators.

export { branchline } from './express/middleware.ts';
export { inspect } from './express/inspect.ts';
export type { InspectOptions } from './express/inspect.ts';
export type { MiddlewareOptions } from './express/middleware.ts';
