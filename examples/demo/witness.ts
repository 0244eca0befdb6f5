// Calls a service and tells who answered. The truth is what the service itself said; what the library says must agree.

import { explain, isBranchlineError } from 'branchline';

import { calls, type Service } from './some-service.ts';

export interface Answer {
  /** A namespace, a namespace that a stale entry led to (`feature-x, stale`), or the code of an error. */
  readonly by: string;
  /** Where the call went, or why it went nowhere. */
  readonly detail: string;
}

export async function ask(service: Service): Promise<Answer> {
  // Before the call, in one go with it: both are answered from one snapshot.
  const { resolution, error, steps } = explain(service);
  try {
    const reply = await calls[service]();
    if (resolution === null) return { by: reply.namespace, detail: `though it must fail: ${error?.message}` };
    const agreed = reply.service === service && reply.namespace === resolution.namespace;
    if (!agreed) return { by: `${reply.service}.${reply.namespace}`, detail: `though it is at ${resolution.url}` };
    return { by: `${reply.namespace}${steps.at(-1)?.stale === true ? ', stale' : ''}`, detail: resolution.url };
  } catch (thrown) {
    if (isBranchlineError(thrown)) return { by: thrown.code, detail: thrown.message };
    throw thrown;
  }
}
