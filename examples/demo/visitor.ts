// Somebody at web who knows nothing of branchline: a browser, curl, a test. What is sent and what comes back is drawn
// as `curl -v` does.

import { STATUS_CODES } from 'node:http';

import { readReply, type Reply } from './reply.ts';
import { dim, green, red, say } from './screen.ts';

export interface Visit {
  /** As people say it: `web.develop`. */
  readonly to: string;
  readonly sent: Readonly<Record<string, string>>;
  readonly status: number;
  readonly headers: Headers;
  /** What the services say of themselves, as branchline-via would say it. */
  readonly route: string;
  /** Why nobody answered. */
  readonly error: { readonly code: string; readonly message: string } | undefined;
}

/** Goes shopping, with a wish or without, and asks for the route. */
export async function visit(to: string, address: string, wish?: string): Promise<Visit> {
  const sent = { 'branchline-via': '1', ...(wish === undefined ? {} : { baggage: `branchline=${wish}` }) };
  const response = await fetch(`${address}/buy`, { headers: sent, signal: AbortSignal.timeout(5000) });
  const { status, headers } = response;
  if (status !== 412) return { to, sent, status, headers, route: routeOf(await readReply(response)), error: undefined };
  const { error } = (await response.json()) as Pick<Visit, 'error'>;
  return { to, sent, status, headers, route: 'nobody', error };
}

function routeOf({ service, namespace, called }: Reply): string {
  const hop = `${service}=${namespace}`;
  return called === undefined ? hop : `${hop}, ${routeOf(called)}`;
}

export function draw({ to, sent, status, headers }: Visit): void {
  say(`   > GET /buy ${dim(`to ${to}`)}`);
  for (const [name, value] of Object.entries(sent)) say(`   > ${name}: ${value}`);
  const paint = status === 200 ? green : red;
  say(`   < ${paint(`${status} ${STATUS_CODES[status]}`)}`);
  for (const [name, value] of headers) if (name.startsWith('branchline-')) say(`   < ${name}: ${paint(value)}`);
}
