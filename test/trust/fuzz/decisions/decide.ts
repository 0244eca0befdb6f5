// One decision from the header to the address of a call, held to the model: a wrong target, a wrong member, a member of
// others that was touched.

import { context, receive, route } from 'branchline';

import { attempt, differs, errorFault, firstOf } from '../oracle.ts';
import { sentByUndici } from '../targets/clients.ts';
import { foreignIn, judge, type Judgement, keyIn, memberOf, placeOf } from './model.ts';
import type { Request } from './requests.ts';
import type { Address, Scenario } from './tables.ts';

export function decisionFault(scenario: Scenario, request: Request): string | null {
  const { lines, trust, refused, select } = request;
  const { resolver } = scenario;
  const judged = judge(scenario, request);
  const header = lines.filter((line) => line.replaceAll(/[ \t]/g, '') !== '').join(',');
  const received = receive(
    { baggage: [...lines] },
    { trust, refused, resolver, ...(select === undefined ? {} : { select }) },
  );
  const { namespaces = [], services = {} } = received.context ?? {};
  const wanted = judged.context ?? { namespaces: [], services: new Map<string, string>() };
  const foreign = foreignIn(header, scenario.keys);
  return firstOf(
    () => differs('whether it is rejected', received.reject, judged.reject),
    () => differs('what is told', received.responseHeaders, judged.headers),
    () => differs('the namespaces', namespaces, wanted.namespaces),
    () => differs('the pins', pinsIn(Object.entries(services)), pinsIn(wanted.services)),
    () => (received.refusal === null ? null : errorFault(received.refusal, ...lines)),
    () => {
      const others = foreignIn(received.baggage ?? '', trust && !scenario.overrides ? [] : scenario.keys);
      return differs(
        'what others say',
        shown(others),
        shown(trust && !scenario.overrides ? header.split(',') : foreign),
      );
    },
    () => {
      if (judged.reject) return null;
      return context.run(received.context, () => callFault(scenario, request, judged, received.baggage));
    },
  );
}

function pinsIn(pins: Iterable<readonly [string, string]>): string[] {
  return Array.from(pins, ([service, namespace]) => `${service}.${namespace}`).toSorted();
}

/** An empty header and none are the same. */
function shown(members: readonly string[]): string {
  const text = members.join(',');
  return text.replaceAll(/[ \t]/g, '') === '' ? '' : text;
}

/** The URL that a call must have, as `new URL` has it. */
function urlOf({ scheme, host, port, base }: Address, spelt: boolean, request: Request): string {
  const { pathname, search, hash } = new URL(`http://x/${request.path}`);
  const named = request.port === ':80' ? '' : request.port;
  const shownPort = named !== '' && !spelt ? named : port === null ? '' : `:${port}`;
  const path = base === '' ? pathname : `${base}/${pathname.replace(/^\/+/, '')}`;
  return new URL(`${scheme}://${host}${shownPort}${path}${search}${hash}`).href;
}

function callFault(scenario: Scenario, request: Request, judged: Judgement, baggage: string | null): string | null {
  const { service, endpoint, port, path } = request;
  const place = placeOf(scenario, service, endpoint, judged.context);
  const member = scenario.overrides ? memberOf(scenario, judged.carried) : '';
  const host = endpoint === 'default' ? service : `_${endpoint}.${service}`;
  const given: Record<string, string> = baggage === null ? {} : { baggage };
  const url = `http://${host}${port}/${path}`;
  const answer = attempt(() => route(url, given, { resolver: scenario.resolver }));
  if ('code' in answer) {
    const expected = typeof place === 'string' ? place : member === null ? 'ERR_OVERRIDE_REFUSED' : 'no error';
    return answer.fault ?? differs(`the call of ${host}`, answer.code, expected);
  }
  const sent = answer.value.headers['baggage'] ?? '';
  if (typeof place === 'string') return `${host} is ${answer.value.url}; want ${place}`;
  if (member === null) return `${host} is ${answer.value.url}; want ERR_OVERRIDE_REFUSED`;
  const whole = urlOf(place.address, place.spelt, request);
  const ours = sent.split(',').filter((one) => scenario.keys.includes(keyIn(one)));
  return firstOf(
    () => differs(`the call of ${host}`, new URL(answer.value.url).href, whole),
    () => undiciFault(scenario, request, `http://${host}${port}`, whole),
    () =>
      scenario.overrides
        ? differs('our member', ours, member === '' ? [] : [`branchline=${member}`])
        : differs('the baggage', sent, baggage ?? ''),
    () =>
      differs('what others say', shown(foreignIn(sent, scenario.keys)), shown(foreignIn(baggage ?? '', scenario.keys))),
  );
}

/** The same call by undici, for some of them: it has no hash, and the same target. */
function undiciFault({ resolver }: Scenario, { path }: Request, origin: string, whole: string): string | null {
  if (path.length % 4 !== 0) return null;
  const { pathname, search } = new URL(`http://x/${path}`);
  const sent = attempt(() => sentByUndici(origin, `${pathname}${search}`, resolver));
  if ('code' in sent) return sent.fault ?? `undici refuses ${JSON.stringify(path)}: ${sent.code}`;
  return differs(`the call of ${origin} by undici`, new URL(sent.value.url).href, whole.split('#')[0]);
}
