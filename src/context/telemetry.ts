// OpenTelemetry's active baggage, where its API is in the process: its instrumentations send it with every request,
// whatever the header said that we took away. So our member in it is kept in step, and never put there.

const API: unique symbol = Symbol.for('opentelemetry.js.api.1') as never;
/** What `createContextKey` of the API makes of this name. */
const BAGGAGE: unique symbol = Symbol.for('OpenTelemetry Baggage Key') as never;

/** Of `@opentelemetry/api` 1: the parts that are used here. */
interface Context {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): Context;
}
interface ContextManager {
  active(): Context;
  with<T>(context: Context, fn: () => T): T;
}
interface Baggage {
  getEntry(key: string): { readonly value: string } | undefined;
  setEntry(key: string, entry: { readonly value: string }): Baggage;
  removeEntries(...keys: string[]): Baggage;
}

/**
 * Runs `fn` with this value in the place of our members in the active baggage; `null` takes them out. Where they are
 * not in it, nothing is changed: whatever is in the baggage goes to third parties too.
 */
export function withMemberInStep<T>(keys: readonly string[], value: string | null, fn: () => T): T {
  const manager = (globalThis as { [API]?: { context?: ContextManager } })[API]?.context;
  if (typeof manager?.active !== 'function' || typeof manager.with !== 'function') return fn();
  const active = manager.active();
  const baggage = active.getValue(BAGGAGE) as Baggage | undefined;
  if (typeof baggage?.removeEntries !== 'function') return fn();
  const present = keys.filter((key) => baggage.getEntry(key) !== undefined);
  const [first] = keys;
  if (present.length === 0 || first === undefined) return fn();
  if (value !== null && present.length === 1 && baggage.getEntry(first)?.value === value) return fn();
  const others = baggage.removeEntries(...present);
  const inStep = value === null ? others : others.setEntry(first, { value });
  return manager.with(active.setValue(BAGGAGE, inStep), fn);
}
