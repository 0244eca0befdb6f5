// Values of entries: what one says by the contract, with `new URL` as the judge of what it would rewrite.

import { dataOf, openDesk } from '../desk.ts';
import { attempt, differs, firstOf, messageFault, urlIn } from '../oracle.ts';
import { corpus, type Target } from '../target.ts';

/** The URL, or the code of the error; `unsure` where the contract leaves it open: then only what must never be is held. */
interface Said {
  readonly answer: string;
  readonly unsure: boolean;
}

const INVALID: Said = { answer: 'ERR_ENTRY_INVALID', unsure: false };
const HOME = 'http://my-rest.develop.svc';

export function saidBy(value: string): Said {
  const text = value.trim();
  if (text === '') return sure(HOME);
  if (text === 'disabled') return sure('ERR_SERVICE_DISABLED');
  if (/^[0-9]+$/.test(text)) return isPort(text) ? sure(text === '80' ? HOME : `${HOME}:${text}`) : INVALID;
  if (text.includes('://')) return saidByUrl(text);
  const said = saidByUrl(`http://${text}`);
  const host = text.startsWith('[') ? text : (text.split(':')[0] as string);
  const isBare = host.includes('.') || host.toLowerCase() === 'localhost' || host.startsWith('[');
  return isBare && !text.includes('/') ? said : INVALID;
}

function sure(answer: string): Said {
  return { answer, unsure: false };
}

function isPort(text: string): boolean {
  return text === '' || (/^[1-9]\d*$/.test(text) && Number(text) <= 65_535);
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443', ws: '80', wss: '443' };

/** `scheme://host[:port][/path]`, and nothing in it that `new URL` has otherwise. */
function saidByUrl(text: string): Said {
  const url = urlIn(text);
  if (/[?#\\]|[^!-~]/.test(text) || url === null || url.protocol === 'file:') return INVALID;
  const [scheme, rest] = split(text, '://');
  const slash = rest.indexOf('/');
  const authority = slash === -1 ? rest : rest.slice(0, slash);
  const path = slash === -1 ? '' : rest.slice(slash);
  const end = authority.startsWith('[') ? authority.indexOf(']') + 1 : authority.indexOf(':');
  const host = end === -1 ? authority : authority.slice(0, end || undefined);
  const port = authority.slice(host.length + 1);
  const isKept =
    url.protocol === `${scheme.toLowerCase()}:` &&
    url.hostname.toLowerCase() === host.toLowerCase() &&
    (url.pathname === path || (path === '' && url.pathname === '/')) &&
    host !== '' &&
    !authority.includes('@') &&
    isPort(port) &&
    !authority.endsWith(':');
  if (!isKept) return INVALID;
  const shown = port === '' || port === DEFAULT_PORTS[scheme.toLowerCase()] ? '' : `:${port}`;
  const answer = `${scheme.toLowerCase()}://${host.toLowerCase()}${shown}${path.replace(/\/+$/, '')}`;
  return { answer, unsure: !isPlain(host, path) || text.length > 2048 };
}

function split(text: string, by: string): [string, string] {
  const at = text.indexOf(by);
  return [text.slice(0, at), text.slice(at + by.length)];
}

/** A host of labels and a path of RFC 3986. Beyond them versions of `new URL` differ, and the contract is strict. */
function isPlain(host: string, path: string): boolean {
  const isHost =
    host.startsWith('[') ||
    (host.length <= 253 && host.split('.').every((label) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i.test(label)));
  // A number in the end makes an IP address of the host, in some schemes; punycode is looked at in some.
  const isName = host.startsWith('[') || !/(?:^|\.)(?:\d+|0x[0-9a-f]*)$|(?:^|\.)xn--/i.test(host);
  return isHost && isName && !/[^\w\-.~!$&'()*+,;=:@/%]/.test(path) && !/%(?![0-9a-f]{2})/i.test(path);
}

const desk = openDesk();

export const values: Target = {
  name: 'values',
  seeds: corpus('values'),
  words: [
    'http',
    'https',
    'grpc',
    '://',
    ':',
    '/',
    '8080',
    '443',
    'localhost',
    'rest.example.com',
    'disabled',
    '[::1]',
    '.',
    '%41',
  ],
  hold(value) {
    desk.lay(dataOf([['my-rest.develop', value]]));
    const { answer: expected, unsure } = saidBy(value);
    const answer = attempt(() => desk.resolver.lookup('my-rest'), value);
    const problems = desk.problems().map(
      ({ message }) =>
        () =>
          messageFault(message, value.trim()),
    );
    const explained = String(desk.resolver.explain('my-rest')).split('\n');
    const told = explained.map((line) => () => messageFault(line, value.trim()));
    if ('code' in answer) {
      const isOpen = unsure && answer.code === 'ERR_ENTRY_INVALID';
      return firstOf(
        () => answer.fault,
        () => (isOpen ? null : differs('the answer', answer.code, expected)),
        ...problems,
        ...told,
      );
    }
    const { url, hostname, protocol, port } = answer.value;
    return firstOf(
      () => differs('the answer', url, expected),
      () => survives(url, { hostname, protocol, port }),
      ...problems,
      ...told,
    );
  },
};

/** An answer means to `new URL` what it says. */
export function survives(
  url: string,
  { hostname, protocol, port }: { hostname: string; protocol: string; port: number | null },
): string | null {
  const parsed = urlIn(url);
  if (parsed === null) return `an answer is no URL: ${JSON.stringify(url)}`;
  const known = parsed.port === '' ? null : Number(parsed.port);
  return firstOf(
    () => differs(`the host of ${url}`, parsed.hostname, hostname),
    () => differs(`the scheme of ${url}`, parsed.protocol, protocol),
    () => (known === null ? null : differs(`the port of ${url}`, known, port)),
    () => differs(`what else ${url} has`, parsed.username + parsed.password + parsed.search + parsed.hash, ''),
  );
}
