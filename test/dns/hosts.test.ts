// The final dot is for DNS only: servers and certificates see the name without it.

import { expect, test } from 'vitest';

import { startPod } from './pod.ts';

const answers = { 'my-rest.develop.svc.cluster.local': ['127.0.0.2'] };
const oneName = ['A my-rest.develop.svc.cluster.local', 'AAAA my-rest.develop.svc.cluster.local'];

test('the Host header has no final dot', async (context) => {
  const pod = await startPod(context, { data: { 'my-rest.develop': '8080' }, answers });
  expect(await pod.ask('call http://my-rest/')).toMatchObject({
    result: [{ host: 'my-rest.develop.svc:8080' }],
    questions: oneName,
  });
});

test('over https the Host header, SNI and the certificate have no final dot', async (context) => {
  const pod = await startPod(context, { data: { 'my-rest.develop': 'https://my-rest.develop.svc:8443' }, answers });
  const answered = { host: 'my-rest.develop.svc:8443', servername: 'my-rest.develop.svc' };
  expect(await pod.ask('call http://my-rest/')).toMatchObject({ result: [answered], questions: oneName });
  expect(await pod.ask('call https://my-rest/ 2')).toMatchObject({ result: [answered, answered], questions: [] });
});

test('over https a certificate of another name is refused, as without us', async (context) => {
  const pod = await startPod(context, {
    data: { 'my-rest.develop': 'https://orders.develop.svc:8443' },
    answers: { 'orders.develop.svc.cluster.local': ['127.0.0.3'] },
  });
  expect(await pod.ask('call https://my-rest/')).toMatchObject({
    error: { code: 'ERR_TLS_CERT_ALTNAME_INVALID', resolution: { service: 'my-rest', namespace: 'develop' } },
  });
});
