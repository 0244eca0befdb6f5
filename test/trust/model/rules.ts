// The rules of resolution in their own words: absence falls back, failure never does. Nothing of the package is in here.

/** A table: what an entry says, `null` where nobody can read it. */
export interface World {
  readonly entries: ReadonlyMap<string, string | null>;
  readonly settings: ReadonlyMap<string, string>;
  readonly own: string | null;
}

export interface Question {
  readonly service: string;
  readonly endpoint?: string;
  readonly namespace?: string;
  readonly context?: { namespaces?: readonly string[]; services?: Readonly<Record<string, string>> };
}

/** A code where there is no address. */
export type Answer = { readonly url: string; readonly namespace: string | null; readonly via: string } | string;

const DEFAULT_TEMPLATE = 'http://{service}.{namespace}.svc';

export function answerTo(world: World, question: Question): Answer {
  const { service, endpoint = 'default', namespace } = question;
  const { entries, settings, own } = world;
  const strict = settings.get('strict') === 'on';
  if (!isConfigured(world)) {
    if (strict || namespace !== undefined) return 'ERR_SERVICE_NOT_FOUND';
    if (endpoint !== 'default') return 'ERR_ENDPOINT_NOT_FOUND';
    return { url: `http://${service}`, namespace: null, via: 'unconfigured' };
  }
  const baseline = baselineOf(world);
  const at = (place: string, port = endpoint): string | null | undefined => entries.get(keyOf(service, place, port));
  const spelt = (place: string, port?: string | null): string => render(world, service, place, port);
  const place = pathTo(world, question).find((name) => livesIn(world, service, name));
  if (place === undefined) {
    if (strict || (namespace !== undefined && !baseline.includes(namespace))) return 'ERR_SERVICE_NOT_FOUND';
    if (endpoint !== 'default') return 'ERR_ENDPOINT_NOT_FOUND';
    const last = namespace ?? baseline.at(-1) ?? '';
    return { url: spelt(last), namespace: last, via: 'convention' };
  }
  const [main, entry] = [at(place, 'default'), at(place)];
  const via = baseline.includes(place) ? 'baseline' : place === own ? 'branch' : 'override';
  const found = (url: string): Answer => ({ url, namespace: place, via });
  if (main === 'disabled' || entry === 'disabled') return 'ERR_SERVICE_DISABLED';
  if (entry === null) return 'ERR_ENTRY_INVALID';
  if (isAddress(entry)) return found(addressOf(world, entry));
  if (entry !== undefined && entry !== '') return found(spelt(place, entry));
  if (endpoint !== 'default' && main === null) return 'ERR_ENTRY_INVALID';
  if (endpoint !== 'default' && isAddress(main)) return 'ERR_ENDPOINT_NOT_FOUND';
  const giver = baseline.map((name) => at(name)).find((said) => said !== undefined && said !== '');
  if (giver === null) return 'ERR_ENTRY_INVALID';
  if (isPort(giver)) return found(spelt(place, giver));
  return endpoint === 'default' ? found(spelt(place)) : 'ERR_ENDPOINT_NOT_FOUND';
}

/** Whether somebody on the path has an entry of it. */
export function hasEntry(world: World, question: Question): boolean {
  const { service, endpoint = 'default' } = question;
  return pathTo(world, question).some((place) =>
    endpoint === 'default' ? livesIn(world, service, place) : world.entries.has(keyOf(service, place, endpoint)),
  );
}

export function isConfigured({ entries, settings }: World): boolean {
  return entries.size > 0 || settings.has('baseline');
}

export function servicesOf({ entries }: World): string[] {
  return [...new Set([...entries.keys()].map((key) => key.split('.').at(-2) as string))].toSorted();
}

function pathTo(world: World, { service, namespace, context }: Question): string[] {
  if (namespace !== undefined) return [namespace];
  const baseline = baselineOf(world);
  const listens = isConfigured(world) && world.settings.get('overrides') !== 'off';
  const pin = Object.entries(context?.services ?? {}).flatMap(([name, place]) => (name === service ? [place] : []));
  const asked = listens ? [...pin, ...(context?.namespaces ?? [])] : [];
  if (world.own === null) return [...asked, ...baseline];
  const start = baseline.indexOf(world.own);
  return start === -1 ? [...asked, world.own, ...baseline] : [...asked, ...baseline.slice(start)];
}

function livesIn({ entries }: World, service: string, place: string): boolean {
  const key = keyOf(service, place, 'default');
  return [...entries.keys()].some((other) => other === key || (other.startsWith('_') && other.endsWith(`.${key}`)));
}

function baselineOf({ settings }: World): string[] {
  return (settings.get('baseline') ?? 'develop').split(',');
}

function keyOf(service: string, place: string, endpoint: string): string {
  return endpoint === 'default' ? `${service}.${place}` : `_${endpoint}.${service}.${place}`;
}

const isPort = (said: string | undefined): said is string => said !== undefined && /^\d+$/.test(said);
const isAddress = (said: string | null | undefined): said is string =>
  said != null && said !== '' && said !== 'disabled' && !isPort(said);

/** The template for two labels: its own port, or another. */
function render({ settings }: World, service: string, place: string, port?: string | null): string {
  const text = settings.get('template') ?? DEFAULT_TEMPLATE;
  const url = new URL(text.replaceAll('{service}', service).replaceAll('{namespace}', place));
  if (port != null) url.port = port;
  return plain(url);
}

/** What an entry spells: a URL of its own, or a host with the template's scheme. */
function addressOf({ settings }: World, said: string): string {
  const scheme = (settings.get('template') ?? DEFAULT_TEMPLATE).split('://')[0] as string;
  return plain(new URL(said.includes('://') ? said : `${scheme}://${said}`));
}

function plain(url: URL): string {
  return url.href.replace(/\/+$/, '');
}
