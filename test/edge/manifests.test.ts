// The snippets of SECURITY.md that no proxy runs here: each is what its interface reads, and names both headers.

import { load, loadAll } from 'js-yaml';
import { describe, expect, test } from 'vitest';

import { filtered } from './envoy.ts';
import { isTried } from './proxies.ts';
import { snippetOf, snippetsOf } from './snippets.ts';
import { head, PLAIN } from './wishes.ts';

const HEADERS = ['baggage', 'branchline-via'];
const NO_VALUES = { baggage: '', 'branchline-via': '' };

describe('a manifest', () => {
  test.each(['ingress-nginx', 'Gateway API', 'Istio', 'Envoy', 'Traefik'])('of %s names both headers', (heading) => {
    for (const snippet of snippetsOf(heading, 'yaml')) {
      expect(loadAll(snippet).length).toBeGreaterThan(0);
      for (const name of HEADERS) expect(snippet).toContain(name);
    }
  });

  test('of ingress-nginx sets them to nothing, or to what the sign-in says', () => {
    const [controller, headers] = loadAll(snippetOf('ingress-nginx', 'yaml'));
    expect(controller).toMatchObject({ data: { 'proxy-set-headers': 'ingress-nginx/nothing-from-outside' } });
    expect(headers).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'nothing-from-outside', namespace: 'ingress-nginx' },
      data: NO_VALUES,
    });
    expect(load(snippetOf('ingress-nginx', 'yaml', 1))).toMatchObject({
      metadata: { annotations: { 'nginx.ingress.kubernetes.io/auth-response-headers': HEADERS.join(',') } },
    });
  });

  test('of the Gateway API, Istio, Envoy and Traefik removes them', () => {
    expect(load(snippetOf('Gateway API', 'yaml'))).toMatchObject({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      spec: { rules: [{ filters: [{ type: 'RequestHeaderModifier', requestHeaderModifier: { remove: HEADERS } }] }] },
    });
    expect(load(snippetOf('Istio', 'yaml'))).toMatchObject({
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      spec: { http: [{ headers: { request: { remove: HEADERS } } }] },
    });
    expect(load(snippetOf('Envoy', 'yaml'))).toMatchObject({ virtual_hosts: [{ request_headers_to_remove: HEADERS }] });
    expect(load(snippetOf('Traefik', 'yaml'))).toMatchObject({
      apiVersion: 'traefik.io/v1alpha1',
      kind: 'Middleware',
      spec: { headers: { customRequestHeaders: NO_VALUES } },
    });
  });
});

describe.runIf(isTried('luajit'))('the Lua of Envoy', () => {
  const filter = load(snippetOf('Envoy', 'yaml', 1)) as {
    typed_config: { default_source_code: { inline_string: string } };
  };
  const lua = filter.typed_config.default_source_code.inline_string;
  const after = (lines: readonly string[]): Record<string, string> => {
    const headers = lines.map((line) => /^([^:]+):[ ]?(.*)$/.exec(line)?.slice(1) as [string, string]);
    return Object.fromEntries(filtered(lua, headers));
  };

  test('leaves no wish, however it is spelt, and every other header', () => {
    for (const lines of PLAIN) {
      const left = after([...head(lines).slice(1), 'branchline-via: 1', 'x-other: 1']);
      expect(left).toMatchObject({ host: 'web.example.com', 'x-other': '1' });
      expect(left).not.toHaveProperty('branchline-via');
      expect(left['baggage'] ?? '').not.toContain('branchline');
    }
  });

  test('leaves the members of others as they are', () => {
    expect(after(['baggage: user=7;p=1 , my-branchline=1,branchline=feature-x,x="y"'])).toEqual({
      baggage: 'user=7;p=1 , my-branchline=1,x="y"',
    });
    expect(after(['Baggage: user=7', 'baggage: branchline=feature-x', 'baggage: y=1'])).toEqual({
      baggage: 'user=7,y=1',
    });
    expect(after(['x-other: 1'])).toEqual({ 'x-other': '1' });
  });
});
