// Names that code asks for, at every place where one is taken: legal ones are answered, all others are an error that
// says so, and `explain` throws for none.

import { context } from 'branchline';

import { openDesk } from '../desk.ts';
import { attempt, differs, firstOf, isEndpoint, isLabel, isNamespace, messageFault } from '../oracle.ts';
import { corpus, type Target } from '../target.ts';

const desk = openDesk();
desk.lay({ 'my-rest.develop': '8080', '_admin.my-rest.develop': '9090' });
const { resolver } = desk;

export const names: Target = {
  name: 'names',
  seeds: corpus('names'),
  words: ['my-rest', 'develop', 'feature-x', '-', '_', '.', 'admin', 'x'],
  hold(name) {
    const places: [what: string, isLegal: boolean, ask: () => string][] = [
      ['a service', isLabel(name), () => resolver.resolve(name)],
      ['an endpoint', isEndpoint(name), () => resolver.resolve('my-rest', { endpoint: name })],
      ['a namespace', isNamespace(name), () => resolver.resolve('my-rest', { namespace: name })],
      [
        'a namespace of the context',
        isNamespace(name),
        () => resolver.resolve('my-rest', { context: { namespaces: [name] } }),
      ],
      ['a pin', isNamespace(name), () => resolver.resolve('my-rest', { context: { services: { 'my-rest': name } } })],
      ['a wish', isNamespace(name), () => injected({ namespaces: [name] })],
      ['a wish for a service', isLabel(name), () => injected({ services: Object.fromEntries([[name, 'develop']]) })],
    ];
    const looks = places.map(([what, isLegal, ask]) => () => {
      const answer = attempt(ask, name);
      if ('code' in answer && answer.fault !== null) return answer.fault;
      const isRefused = 'code' in answer && answer.code === 'ERR_INVALID_NAME';
      return firstOf(
        () => differs(`whether ${what} is refused`, isRefused, !isLegal),
        () => ('value' in answer && answer.value.startsWith('http') ? hostFault(answer.value, name) : null),
      );
    });
    return firstOf(...looks, () => explainFault(name));
  },
};

function injected(wish: Parameters<typeof context.run>[0]): string {
  return context.run(wish, () => context.inject<{ baggage?: string }>({}, { resolver })).baggage ?? '';
}

/** A host of the template, with this name or with ours. */
function hostFault(url: string, name: string): string | null {
  const { hostname } = new URL(url);
  const legal = ['my-rest.develop.svc', `${name}.develop.svc`, `my-rest.${name}.svc`];
  return legal.includes(hostname) ? null : `the host is ${hostname}; want one of ${legal.join(', ')}`;
}

function explainFault(name: string): string | null {
  for (const ask of [{}, { endpoint: name }, { namespace: name }]) {
    const answer = attempt(() => resolver.explain('endpoint' in ask || 'namespace' in ask ? 'my-rest' : name, ask));
    if ('code' in answer) return `explain throws ${answer.code}`;
    for (const line of String(answer.value).split('\n')) {
      const fault = messageFault(line, name);
      if (fault !== null) return fault;
    }
  }
  const answer = attempt(() => resolver.has(name));
  return 'code' in answer ? answer.fault : null;
}
