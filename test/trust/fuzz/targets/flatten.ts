// What a parsed document says, as keys and values: written from the contract, to compare with what the library reads.

/**
 * `null`: the document as a whole is refused; `undefined`: it holds YAML, which is not read here. An invalid value is
 * `!`, which no entry may have.
 */
export function flatten(root: unknown): ReadonlyMap<string, string> | null | undefined {
  if (!isMapping(root)) return null;
  const keys = new Map<string, string>();
  const isManifest = Object.hasOwn(root, 'kind') || Object.hasOwn(root, 'apiVersion');
  if (isManifest && isMapping(root['data']) && Object.keys(root['data']).some((key) => /\.ya?ml$/.test(key)))
    return undefined;
  const isRead = isManifest ? manifest(root, keys) : table(root, keys);
  return isRead ? keys : null;
}

type Mapping = Readonly<Record<string, unknown>>;

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const FIELDS = new Set(['apiVersion', 'kind', 'metadata', 'data', 'binaryData', 'immutable']);

function manifest(root: Mapping, keys: Map<string, string>): boolean {
  if (root['kind'] !== 'ConfigMap' || Object.keys(root).some((field) => !FIELDS.has(field))) return false;
  const { data = null, binaryData = null } = root;
  if ((data !== null && !isMapping(data)) || (binaryData !== null && !isMapping(binaryData))) return false;
  for (const [key, value] of Object.entries(data ?? {})) {
    if (key.startsWith('.')) continue;
    if (key.endsWith('.json')) {
      const inner = typeof value === 'string' ? parse(value) : undefined;
      if (!isMapping(inner) || Object.hasOwn(inner, 'kind') || Object.hasOwn(inner, 'apiVersion')) return false;
      if (!table(inner, keys)) return false;
    } else put(keys, key, scalar(value));
  }
  for (const key of Object.keys(binaryData ?? {})) {
    if (key.startsWith('.')) continue;
    if (/\.(?:json|ya?ml)$/.test(key)) return false;
    put(keys, key, '!');
  }
  return true;
}

function table(root: Mapping, keys: Map<string, string>): boolean {
  for (const [key, value] of Object.entries(root)) {
    if (key === 'services') continue;
    put(keys, key, settingOf(key, value));
  }
  const { services = null } = root;
  if (services === null) return true;
  return isMapping(services) && Object.entries(services).every(([service, under]) => deployments(service, under, keys));
}

const SERVICE = /^(?!xn--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

function deployments(service: string, under: unknown, keys: Map<string, string>): boolean {
  if (under === null) return SERVICE.test(service);
  if (!isMapping(under)) return false;
  // There is no entry to find fault with.
  if (Object.keys(under).length === 0) return SERVICE.test(service);
  for (const [namespace, value] of Object.entries(under)) {
    const endpoints = isMapping(value) ? Object.entries(value) : [['default', value] as const];
    if (endpoints.length === 0) endpoints.push(['default', []]);
    for (const [endpoint, address] of endpoints) {
      // With a dot it is no name, and means nothing.
      if ([service, namespace, endpoint].some((part) => part.includes('.'))) continue;
      const home = `${service}.${namespace}`;
      put(keys, endpoint === 'default' ? home : `_${endpoint}.${home}`, scalar(address));
    }
  }
  return true;
}

/** Of two different values neither is taken. */
function put(keys: Map<string, string>, key: string, value: string): void {
  const before = keys.get(key);
  keys.set(key, before === undefined || before.trim() === value.trim() ? value : '!');
}

function scalar(value: unknown): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : '!';
}

function settingOf(key: string, value: unknown): string {
  if (typeof value === 'boolean' && (key === 'strict' || key === 'overrides')) return String(value);
  const isList = key === 'baseline' && Array.isArray(value);
  const isNames = isList && value.every((name) => typeof name === 'string' && !name.includes(','));
  return isNames ? value.join(',') : scalar(value);
}

/** `undefined` for what is no JSON, has a key twice, or nests too deep. */
export function parse(text: string): unknown {
  try {
    const value = JSON.parse(text) as unknown;
    const colons = text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '').split(':').length - 1;
    return colons === membersIn(value) && depthOf(value) <= 32 ? value : undefined;
  } catch {
    return undefined;
  }
}

function childrenOf(value: unknown): readonly unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}

function membersIn(value: unknown): number {
  const own = Array.isArray(value) ? 0 : childrenOf(value).length;
  return childrenOf(value).reduce<number>((sum, child) => sum + membersIn(child), own);
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...childrenOf(value).map((child) => depthOf(child)));
}
