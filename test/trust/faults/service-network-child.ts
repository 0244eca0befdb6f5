// A Pod of `feature-x` whose own `my-rest` cannot be reached, for the reason that its argument names; that of the baseline can.
// It calls with every client there is, mends it, calls again, and says what came of it.

import { createFetch, createResolver, memorySource, type Resolution, resolutionOf } from 'branchline';
import { createDispatcher } from 'branchline/undici';
import { Agent, request } from 'undici';

import { startDnsServer } from '../../doubles/dns-server.ts';
import { type Callee, type Kind, PORT, startBaseline, startCallee } from './service-callee.ts';

/** What one call ended with. */
export interface Call {
  readonly client: string;
  /** How many requests had reached who answered: 0 is the baseline. */
  readonly answer?: number;
  /** Of the error, or of its cause. */
  readonly code?: string;
  readonly name?: string;
  readonly resolution?: Resolution | null;
  /** It is the reason of the signal that the caller gave. */
  readonly isReason?: boolean;
  readonly milliseconds: number;
}
export interface Over {
  readonly calls: readonly Call[];
  readonly mended: readonly Call[];
  /** The connections to the Pod of the baseline, and the questions for its name. */
  readonly elsewhere: number;
  readonly questions: readonly string[];
}

export interface Task {
  readonly kind: Kind;
  /** Until the head of a response, in milliseconds; `null` for what createDispatcher has by itself. */
  readonly headersTimeout: number | null;
  /** When the caller's own signal ends a call, in milliseconds; `null` for none. */
  readonly patience: number | null;
}

const NAME = 'my-rest.feature-x.svc.cluster.local';
/** What the system makes of `my-rest.feature-x.svc` with the Pod's search domains. */
const NAMES = ['.feature-x.svc.cluster.local', '.svc.cluster.local', '.cluster.local', ''].map(
  (domain) => `my-rest.feature-x.svc${domain}`,
);
const BASELINE = 'my-rest.develop.svc.cluster.local';
const { kind, headersTimeout, patience } = JSON.parse(process.argv[2] ?? '') as Task;

const dns = await startDnsServer({ [BASELINE]: ['127.0.0.3'] }, { port: 53 });
const baseline = await startBaseline('127.0.0.3');
const callee: Callee = await startCallee(kind, '127.0.0.2');
if (kind === 'SERVFAIL' || kind === 'silence') for (const name of NAMES) dns.answers.set(name, kind);
else if (kind !== 'NXDOMAIN') dns.answers.set(NAME, ['127.0.0.2']);

const sources = [memorySource({ 'my-rest.feature-x': PORT, 'my-rest.develop': PORT })];
const resolver = createResolver({ sources, namespace: 'feature-x' });
const dispatcher = createDispatcher({ resolver, ...(headersTimeout === null ? {} : { agent: { headersTimeout } }) });
const agent = new Agent({ connect: { timeout: 1_000 }, headersTimeout: 1_000 });
const url = 'http://my-rest/x';

const DISPATCHED = 'undici, createDispatcher';
type Client = (signal: AbortSignal | null) => Promise<string>;
const clients: Record<string, Client> = {
  fetch: async (signal) => (await createFetch({ resolver })(url, { signal })).text(),
  'fetch, an agent': async () => (await createFetch({ resolver, dispatcher: agent })(url)).text(),
  [DISPATCHED]: async () => (await request(url, { dispatcher })).body.text(),
};

async function callOf(client: string, run: Client): Promise<Call> {
  const start = performance.now();
  const signal = patience === null ? null : AbortSignal.timeout(patience);
  try {
    return { client, answer: Number(await run(signal)), milliseconds: performance.now() - start };
  } catch (error) {
    const { name, code, cause } = error as Error & { code?: unknown; cause?: { code?: string } };
    return {
      client,
      name,
      code: cause?.code ?? String(code),
      resolution: resolutionOf(error as Error) ?? null,
      isReason: error === signal?.reason,
      milliseconds: performance.now() - start,
    };
  }
}
const callAll = async (): Promise<Call[]> =>
  Promise.all(Object.entries(clients).map(async ([name, run]) => callOf(name, run)));

if (kind === 'half-open') {
  // A connection that stands, on which the next request goes into nothing.
  const before = await callAll();
  const failed = before.find(({ answer }) => answer === undefined);
  if (failed !== undefined) throw new Error(`nothing stood before: ${JSON.stringify(failed)}`);
  callee.stop();
}
dns.take();
const calls = await callAll();
const questions = dns.take();
const elsewhere = baseline.connections();
await callee.mend();
for (const name of NAMES) dns.answers.delete(name);
dns.answers.set(NAME, ['127.0.0.2']);
// A question that is on its way answers all who wait for the name, also those who come when DNS is mended.
const isOnItsWay = kind === 'silence' && calls.some(({ code }) => code === 'UND_ERR_CONNECT_TIMEOUT');
if (isOnItsWay) await callOf(DISPATCHED, clients[DISPATCHED] as Client);
const mended = await callAll();
const over: Over = { calls, mended, elsewhere: elsewhere + baseline.connections(), questions };
process.stdout.write(`${JSON.stringify({ over })}\n`, () => {
  // oxlint-disable-next-line no-process-exit -- servers and agents end with it
  process.exit(0);
});
