// DNS that fails: the caller has its own error, with the resolution; nobody else is asked, and the next call asks again.

import { describe, expect, test } from 'vitest';

import type { Answer } from '../doubles/dns-server.ts';
import { OF_A_POD, startPod } from './pod.ts';

const data = {
  'my-rest.develop': '8080',
  '_admin.my-rest.develop': '9090',
  'my-rest.feature-x': '',
  'orders.develop': '8080',
};
const name = 'my-rest.feature-x.svc.cluster.local';
const others = {
  'my-rest.develop.svc.cluster.local': ['127.0.0.2'],
  'orders.develop.svc.cluster.local': ['127.0.0.3'],
};
const oneName = [`A ${name}`, `AAAA ${name}`];
const resolution = { service: 'my-rest', endpoint: 'default', namespace: 'feature-x' };
/** Gives up after a second; as a Pod has it, after ten. */
const impatient = `${OF_A_POD.trimEnd()} timeout:1 attempts:1\n`;

describe('the caller has its own error, and the next call asks again, when DNS', () => {
  test.for<[string, Answer | null, string]>([
    ['knows no such name', null, 'ENOTFOUND'],
    ['knows no address', [], 'ENOTFOUND'],
    ['fails', 'SERVFAIL', 'EAI_AGAIN'],
    ['is silent', 'silence', 'EAI_AGAIN'],
  ])('%s', async ([, answer, code], context) => {
    const answers = answer === null ? others : { ...others, [name]: answer };
    const pod = await startPod(context, { data, answers, resolvConf: impatient });
    for (let round = 0; round < 2; round += 1) {
      const { error, questions } = await pod.ask('call http://my-rest/');
      expect(error).toMatchObject({ name: 'Error', code, resolution });
      expect(new Set(questions)).toEqual(new Set(oneName));
    }
    await pod.ask(`answer ${name} ["127.0.0.4"]`);
    expect(await pod.ask('call http://my-rest/')).toMatchObject({
      result: [{ host: 'my-rest.feature-x.svc:8080' }],
      questions: oneName,
    });
  });
});

test('fifty who wait for a name that fails ask for it once', async (context) => {
  const pod = await startPod(context, { data, answers: others });
  const { result: errors, questions } = await pod.ask('failures http://my-rest/ 50');
  expect(errors).toHaveLength(50);
  for (const error of errors as unknown[]) expect(error).toMatchObject({ code: 'ENOTFOUND', resolution });
  expect(questions).toEqual(oneName);
});

test('two who wait for the same name have an error each, with the resolution of their own call', async (context) => {
  const pod = await startPod(context, { data, answers: { ...others, [name]: 'silence' }, resolvConf: impatient });
  const { result: errors, questions } = await pod.ask('failures http://my-rest/ 1 http://_admin.my-rest/ 1');
  expect(questions).toEqual(oneName);
  expect(errors).toMatchObject([{ resolution }, { resolution: { ...resolution, endpoint: 'admin' } }]);
});

test('a connection is given up after two seconds, while DNS is silent; another name is found meanwhile', async (context) => {
  const pod = await startPod(context, { data, answers: { ...others, [name]: 'silence' } });
  const silent = pod.ask('failures http://my-rest/ 50');
  // Of the few threads that ask, fifty plain calls would take all: then this one would be given up, too.
  expect(await pod.ask('call http://orders/')).toMatchObject({ result: [{ host: 'orders.develop.svc:8080' }] });
  const { result: errors } = await silent;
  expect(errors).toHaveLength(50);
  for (const error of errors as unknown[]) expect(error).toMatchObject({ code: 'UND_ERR_CONNECT_TIMEOUT', resolution });
});
