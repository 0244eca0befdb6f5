// What SECURITY.md says about the edge is so: behind these lines no wish of a stranger arrives, however it is spelt.

import { describe, expect, test } from 'vitest';

import { isTried, type Proxy, startHaproxy, startNginx } from './proxies.ts';
import { snippetOf } from './snippets.ts';
import { head, ODD, PLAIN, startTeam, type Team } from './wishes.ts';

const VIA = 'branchline-via: 1';

async function sendAll(proxy: Proxy, spellings: readonly (readonly string[])[]): Promise<void> {
  for (const lines of spellings) await proxy.send(head([VIA, ...lines]));
  const chunked = ['POST / HTTP/1.1', 'host: web.example.com', 'transfer-encoding: chunked', 'trailer: baggage'];
  await proxy.send(chunked, '2\r\nok\r\n0\r\nbaggage: branchline=feature-x\r\n\r\n');
}

/** Sends every spelling, then what is nobody's business, which says that the server was there all the time. */
async function expectNoWish(proxy: Proxy, team: Team, foreign: string | undefined): Promise<void> {
  await sendAll(proxy, [...PLAIN, ...ODD]);
  expect(team.asked.length).toBeGreaterThan(PLAIN.length);
  expect(team.heard()).toEqual({ wishes: 0, routes: 0 });
  expect(await proxy.send(head(['baggage: user=7;p=1,x=y', 'x-other: 1']))).toMatch(/^HTTP\/1\.1 200 /);
  expect(team.last().headers).toMatchObject({ 'x-other': '1' });
  expect(team.last().headers['baggage']).toBe(foreign);
}

/** The same lines without ours: what is tested below makes a difference. */
const without = (lines: string): string => lines.replaceAll(/^.*(?:baggage|branchline).*\n/gim, '');

describe.runIf(isTried('nginx'))('nginx', () => {
  test('lets every wish through by itself', async () => {
    const team = await startTeam();
    const proxy = await startNginx(without(snippetOf('nginx', 'nginx')), { web: team.port });
    await sendAll(proxy, PLAIN);
    expect(team.heard()).toEqual({ wishes: PLAIN.length, routes: PLAIN.length });
  });

  test('takes the whole header out', async () => {
    const team = await startTeam();
    const proxy = await startNginx(snippetOf('nginx', 'nginx'), { web: team.port });
    await expectNoWish(proxy, team, undefined);
  });

  test('takes out a header that names us, and no other', async () => {
    const team = await startTeam();
    const proxy = await startNginx(snippetOf('nginx', 'nginx', 1), { web: team.port });
    await expectNoWish(proxy, team, 'user=7;p=1,x=y');
  });

  test('inherits nothing into a location that sets a header itself', async () => {
    const team = await startTeam();
    const lines = 'proxy_set_header baggage "";\nproxy_set_header branchline-via "";';
    const server = `server {\nlisten 80;\n${lines}\nlocation / {\nproxy_set_header x-own 1;\nproxy_pass http://web;\n}\n}`;
    const proxy = await startNginx(server, { web: team.port });
    await sendAll(proxy, PLAIN);
    expect(team.heard().wishes).toBe(PLAIN.length);
  });

  test('would keep a wish if it cut the list by a regular expression', async () => {
    const team = await startTeam();
    const map = 'map $http_baggage $rest {\ndefault $http_baggage;\n"~^(.*,)?\\s*branchline\\s*=[^,]*(.*)$" "$1$2";\n}';
    const lines = snippetOf('nginx', 'nginx').replace('baggage ""', 'baggage $rest');
    const proxy = await startNginx(`${map}\n${lines}`, { web: team.port });
    await proxy.send(head(['baggage: branchline=feature-x,branchline=feature-x']));
    expect(team.heard().wishes).toBe(1);
  });
});

describe.runIf(isTried('nginx'))('ingress-nginx, whose template makes these lines of its settings', () => {
  test('takes the headers out with a snippet', async () => {
    const team = await startTeam();
    const [, lines = ''] = /snippet: \|\n((?: {6}.*\n)+)/.exec(snippetOf('ingress-nginx', 'yaml', 2)) ?? [];
    const proxy = await startNginx(`server {\nlisten 80;\nlocation / {\n${lines}proxy_pass http://web;\n}\n}`, {
      web: team.port,
    });
    await expectNoWish(proxy, team, undefined);
  });

  test('hands on what the sign-in says, and nothing else', async () => {
    const team = await startTeam();
    const signIn = await startTeam();
    const server = [
      'server {\nlisten 80;',
      'location = /auth {\ninternal;\nproxy_pass http://auth;\nproxy_pass_request_body off;\n}',
      'location / {\nauth_request /auth;',
      "auth_request_set $authHeader0 $upstream_http_baggage;\nproxy_set_header 'baggage' $authHeader0;",
      "auth_request_set $authHeader1 $upstream_http_branchline_via;\nproxy_set_header 'branchline-via' $authHeader1;",
      'proxy_pass http://web;\n}\n}',
    ];
    const proxy = await startNginx(server.join('\n'), { web: team.port, auth: signIn.port });
    await expectNoWish(proxy, team, undefined);
    signIn.answer((_, response) => response.setHeader('baggage', 'branchline=feature-x').end());
    await proxy.send(head([]));
    expect(team.last().headers['baggage']).toBe('branchline=feature-x');
  });
});

describe.runIf(isTried('haproxy'))('HAProxy', () => {
  test('lets every wish through by itself', async () => {
    const team = await startTeam();
    const proxy = await startHaproxy(without(snippetOf('HAProxy', 'haproxy')), team.port);
    await sendAll(proxy, PLAIN);
    expect(team.heard()).toEqual({ wishes: PLAIN.length, routes: PLAIN.length });
  });

  test('takes the whole header out', async () => {
    const team = await startTeam();
    const proxy = await startHaproxy(snippetOf('HAProxy', 'haproxy'), team.port);
    await expectNoWish(proxy, team, undefined);
  });

  test('takes out a header that names us, and no other', async () => {
    const team = await startTeam();
    const proxy = await startHaproxy(snippetOf('HAProxy', 'haproxy', 1), team.port);
    await expectNoWish(proxy, team, 'user=7;p=1,x=y');
  });

  test('would keep a wish behind a quote if it edited the list', async () => {
    const team = await startTeam();
    const edit = 'http-request replace-value baggage ^branchline.* none=1';
    const lines = snippetOf('HAProxy', 'haproxy').replace('http-request del-header baggage', edit);
    const proxy = await startHaproxy(lines, team.port);
    await proxy.send(head(['baggage: user=7,branchline=feature-x']));
    expect(team.heard().wishes).toBe(0);
    await proxy.send(head(['baggage: x=",branchline=feature-x']));
    expect(team.heard().wishes).toBe(1);
  });
});
