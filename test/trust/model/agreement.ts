// Asks a resolver and the model everything that there is to ask of them, and says where they differ.

import { isBranchlineError, type LookupOptions, type Resolver } from 'branchline';

import { NAMESPACES, SERVICES } from './drawn.ts';
import type { Memory } from './mount.ts';
import { type Answer, answerTo, hasEntry, isConfigured, type Question, servicesOf } from './rules.ts';

const CONTEXTS: readonly NonNullable<Question['context']>[] = [
  { namespaces: ['feature-y'] },
  { namespaces: ['epic-1', 'feature-y'], services: { a: 'feature-y', b: 'develop' } },
  { services: { a: 'epic-1', c: 'feature-x' } },
  { namespaces: ['nowhere'] },
];

/** The services, in every namespace and within every context, and their endpoints. */
export const QUESTIONS: readonly Question[] = [...SERVICES, 'never-heard-of'].flatMap((service) =>
  ['default', 'admin'].flatMap((endpoint): Question[] => [
    { service, endpoint },
    ...NAMESPACES.map((namespace) => ({ service, endpoint, namespace })),
    ...CONTEXTS.map((context) => ({ service, endpoint, context })),
  ]),
);

/** One line for each difference. */
export function differences(resolver: Resolver, model: Memory): string[] {
  return [...QUESTIONS.flatMap((question) => differs(resolver, model, question)), ...ofItself(resolver, model)];
}

function differs(resolver: Resolver, model: Memory, question: Question): string[] {
  const { service, ...options } = question;
  const wanted = answerTo(model, question);
  const [looked, resolved] = [
    attempt(() => lookedUp(resolver, service, options)),
    attempt(() => resolver.resolve(service, options)),
  ];
  const has = attempt(() => resolver.has(service, options));
  const asked = JSON.stringify(question);
  return [
    ...difference(`lookup ${asked}`, looked, wanted),
    ...difference(`resolve ${asked}`, resolved, typeof wanted === 'string' ? wanted : wanted.url),
    ...difference(`has ${asked}`, has, hasEntry(model, question)),
    // The plain question is answered from what was kept.
    ...(Object.keys(options).length === 1 && options.endpoint === 'default'
      ? difference(
          `plain ${service}`,
          attempt(() => lookedUp(resolver, service)),
          wanted,
        )
      : []),
  ];
}

function ofItself(resolver: Resolver, model: Memory): string[] {
  const { configured, entries, stale, problems, sources } = resolver.status();
  const keys = stale.map(({ key }) => key);
  // Whether it is watched at this moment is not for the model to say.
  const ofSource = problems.filter(({ source, code }) => source === sources[0]?.name && code !== 'WARN_WATCH_LOST');
  return [
    ...difference('configured', configured, isConfigured(model)),
    ...difference('entries', entries, model.entries.size),
    ...difference('services', resolver.services(), servicesOf(model)),
    ...difference('stale', namesOf(keys), namesOf(model.stale)),
    ...difference('something is wrong', ofSource.length > 0, model.isWrong),
  ];
}

/** Of what is stale. */
export function namesOf(stale: Iterable<string | null>): string[] {
  return [...stale].map((key) => key ?? '(all)').toSorted();
}

function lookedUp(resolver: Resolver, service: string, options?: LookupOptions): Answer {
  const { url, namespace, via } = resolver.lookup(service, options);
  return { url, namespace, via };
}

/** What it says, or the code of the error that says why not. */
export function attempt<T>(work: () => T): T | string {
  try {
    return work();
  } catch (error) {
    if (!isBranchlineError(error)) throw error;
    return error.code;
  }
}

export function difference(what: string, seen: unknown, wanted: unknown): string[] {
  const [one, other] = [JSON.stringify(seen), JSON.stringify(wanted)];
  return one === other ? [] : [`${what}: ${one}, and the model says ${other}`];
}
