// A test of somebody who has MockAgent: in the place of the global dispatcher, in an init, or given to createFetch.

import { createFetch, createResolver, memorySource, resolutionOf } from 'branchline';
import { MockAgent, setGlobalDispatcher } from 'undici';

const how = process.argv[2];
const agent = new MockAgent();
agent.disableNetConnect();
let baggage: unknown;
agent
  .get('http://my-rest.feature-x.svc:8080')
  .intercept({ path: '/x', method: 'POST', body: 'hello' })
  .reply(200, ({ headers }) => {
    baggage = new Headers(headers).get('baggage');
    return { permissions: ['read'] };
  });

const sources = [memorySource({ 'my-rest.feature-x': '8080', 'my-rest.develop': '8080' })];
const resolver = createResolver({ sources, namespace: 'feature-x' });
if (how === 'global') setGlobalDispatcher(agent);
const fetch = createFetch({ resolver, ...(how === 'createFetch' ? { dispatcher: agent } : {}) });
const dispatcher = how === 'init' ? { dispatcher: agent } : {};
const init = { method: 'POST', body: 'hello', ...dispatcher } as RequestInit;

const response = await fetch('http://my-rest/x', init);
const unexpected = await fetch('http://my-rest/y', init).catch((error: unknown) => (error as Error).constructor.name);
const line = {
  answer: await response.json(),
  baggage,
  namespace: resolutionOf(response)?.namespace,
  unexpected,
};
process.stdout.write(`${JSON.stringify(line)}\n`);
await agent.close();
