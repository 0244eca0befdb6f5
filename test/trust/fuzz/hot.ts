// The thousandth answer is the first one: what the engine makes of hot code, and of texts in its other forms, changes
// nothing.

import { fixedTable } from './decisions/fixed.ts';
import { codeOf } from './oracle.ts';
import { sentByFetch, sentByRoute, sentByUndici } from './targets/clients.ts';

/**
 * Hosts and paths with what is not ASCII, which engines keep in more than one way, and where each goes. Whole literals: a
 * text that was put together is kept in another way.
 */
const ORIGINS: readonly Call[] = [
  ['http://my\u00adrest', 'http://myrest.develop.svc/x'],
  ['http://\u00aa', 'http://a.develop.svc/x'],
  ['http://order\u017f', 'https://orders.example.com/v1/x'],
  ['http://caf\u00e9', 'ERR_INVALID_NAME'],
  ['http://my-rest', 'http://my-rest.feature-x.svc:8080/x'],
];
const URLS: readonly Call[] = [
  ['http://my\u00adrest/x', 'http://myrest.develop.svc/x'],
  ['http://\u00aa/x', 'http://a.develop.svc/x'],
  ['http://order\u017f/x', 'https://orders.example.com/v1/x'],
  ['http://caf\u00e9/x', 'ERR_INVALID_NAME'],
  ['http://my-rest/\u00e9', 'http://my-rest.feature-x.svc:8080/%C3%A9'],
];

type Call = readonly [text: string, answer: string];

/** Every client asked so often; one fault for each call that is answered otherwise. */
export async function hotFaults(times: number): Promise<readonly string[]> {
  const { resolver } = fixedTable('feature-x');
  const faults: string[] = [];
  const often = async (what: string, [text, expected]: Call, ask: () => string | Promise<string>): Promise<void> => {
    for (let time = 0; time < times; time += 1) {
      const answer = await shown(ask);
      if (answer === expected) continue;
      faults.push(`${what} of ${ascii(text)} is ${ascii(answer)} at call ${time}; want ${ascii(expected)}`);
      return;
    }
  };
  for (const call of ORIGINS) await often('undici', call, () => sentByUndici(call[0], '/x', resolver).url);
  for (const call of URLS) {
    await often('route', call, () => sentByRoute(call[0], resolver).url);
    await often('fetch', call, async () => String((await sentByFetch(call[0], resolver))[0]?.url));
  }
  await resolver.close();
  return faults;
}

async function shown(ask: () => string | Promise<string>): Promise<string> {
  try {
    return await ask();
  } catch (error) {
    return codeOf(error);
  }
}

function ascii(text: string): string {
  const escaped = (unit: string): string => `\\u${(unit.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(text).replaceAll(/[^\0-\u007e]/g, escaped);
}
