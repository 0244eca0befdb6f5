// A baseline and twenty branches, what is deployed where, and requests with what must come of them.

import type { RoutingContext } from 'branchline';

export const SERVICES = ['web', 'orders', 'billing'] as const;
export type Service = (typeof SERVICES)[number];
const BRANCHES = Array.from({ length: 20 }, (_, index) => `feature-${index}`);

/** How services call each other. */
export const KINDS = ['fetch', 'dispatcher', 'dispatcher with retry'] as const;
export type Kind = (typeof KINDS)[number];

export const FAULTS = ['busy', 'slow', 'reset'] as const;
export type Fault = (typeof FAULTS)[number];

/** What one service says of itself in an answer: who it is, and the wish that it accepted. */
export interface Stop {
  readonly service: Service;
  /** `null` where the client does not tell. */
  readonly namespace: string | null;
  readonly accepted: string | null;
}

/** Each branch has another choice of services; some have none of these, and are known by another. */
export function namespacesOf(service: Service): string[] {
  const every = { web: 2, orders: 3, billing: 4 }[service];
  return ['develop', ...BRANCHES.filter((_, index) => index % every === 1)];
}

/** The table of everybody. */
export function tableOf(ports: (service: Service, namespace: string) => number): Record<string, string> {
  const entries = SERVICES.flatMap((service) =>
    namespacesOf(service).map((namespace) => [
      `${service}.${namespace}`,
      `http://127.0.0.1:${ports(service, namespace)}`,
    ]),
  );
  return Object.fromEntries([
    ['baseline', 'develop'],
    ...entries,
    ...BRANCHES.map((branch) => [`other.${branch}`, '']),
  ]);
}

export interface Planned {
  readonly id: number;
  /** The namespace of the `web` that is called by its address; `null`: by name. */
  readonly pod: string | null;
  readonly context: RoutingContext | undefined;
  /** One service may fail, or be slow. */
  readonly fault: { readonly service: Service; readonly fault: Fault } | null;
  /** Who must serve it, with the wish that each must accept. */
  readonly stops: readonly Stop[];
}

/** The same requests for the same seed: those of all branches mixed with those of none. */
export function plan(count: number, seed: number): Planned[] {
  const random = randomOf(seed);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const webs = namespacesOf('web');
  const billings = namespacesOf('billing');
  return Array.from({ length: count }, (_, id): Planned => {
    const pod = random() < 0.3 ? pick(webs) : null;
    const wished = random() < 0.6 ? [pick(BRANCHES)] : [];
    const pinned = random() < 0.1 ? pick(billings) : null;
    const fault = random() < 0.12 ? { service: pick(SERVICES), fault: pick(FAULTS) } : null;
    const services = pinned === null ? {} : { services: { billing: pinned } };
    const isNone = wished.length === 0 && pinned === null;
    const context = isNone ? undefined : { namespaces: wished, ...services };
    return { id, pod, context, fault, stops: stopsOf(pod, wished, pinned) };
  });
}

/** The design in a dozen lines: what travels, and who has the service first. */
function stopsOf(pod: string | null, wished: readonly string[], pinned: string | null): Stop[] {
  let travelling = [...wished];
  return SERVICES.map((service) => {
    const path = [...(service === 'billing' && pinned !== null ? [pinned] : []), ...travelling, 'develop'];
    const deployed = namespacesOf(service);
    const first = path.find((candidate) => deployed.includes(candidate)) as string;
    const namespace = service === 'web' && pod !== null ? pod : first;
    const items = [...travelling, ...(pinned === null ? [] : [`billing.${pinned}`])];
    const stop: Stop = { service, namespace, accepted: items.length === 0 ? null : items.join('~') };
    // A Pod of a branch adds its own.
    if (namespace !== 'develop') travelling = [...new Set([...travelling, namespace])];
    return stop;
  });
}

/** mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
