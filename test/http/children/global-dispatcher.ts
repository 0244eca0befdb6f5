// Makes a dispatcher that finds its way the one of the process, and calls; then closes it, and ends by itself.

import { context, createResolver, memorySource } from 'branchline';
import { createDispatcher } from 'branchline/undici';
import { request, setGlobalDispatcher } from 'undici';

const [url = '', foreign = ''] = process.argv.slice(2);
const sources = [memorySource({ 'my-rest.develop': 'http://127.0.0.1:81', 'my-rest.feature-x': url })];
const resolver = createResolver({ sources, namespace: 'develop' });
/** What calls need; the rest is of the loader that runs TypeScript here. */
const held = (): string[] => process.getActiveResourcesInfo().filter((name) => /^(TCP|TLS|Timeout|GetAddr)/.test(name));

const dispatcher = createDispatcher({ resolver });
setGlobalDispatcher(dispatcher);
const answers = await context.run({ namespaces: ['feature-x'] }, async () => [
  await (await fetch('http://my-rest/fetch')).text(),
  await (await request('http://my-rest/request')).body.text(),
  await (await fetch(foreign)).text(),
]);
const open = held();
await dispatcher.close();
await new Promise((resume) => setImmediate(resume));
process.stdout.write(`${JSON.stringify({ answers, open, closed: held() })}\n`);
