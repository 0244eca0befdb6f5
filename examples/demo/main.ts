// npm run demo: one shared develop, one branch, and a ConfigMap that changes while both answer. Everything is on this
// machine: HTTP on 127.0.0.1, and a temporary folder that is written as the kubelet writes a mounted ConfigMap.

import { createResolver, mountSource, type Resolver, setDefaultResolver } from 'branchline';

import { createChecker } from './checker.ts';
import { createCluster } from './cluster.ts';
import { countUp } from './count.ts';
import type { Namespace } from './deployment.ts';
import { mountConfigMap } from './mounted-config-map.ts';
import { bold, green, red, say, tell } from './screen.ts';
import { createStage } from './stage.ts';
import { story } from './story.ts';

const configMap = mountConfigMap();
process.once('exit', () => {
  configMap.remove();
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));
process.stdout.on('error', () => process.exit(1)); // nobody reads on: `npm run demo | head`

const checker = createChecker();
configMap.write({ baseline: 'develop' });
const resolvers = { develop: open('develop'), 'feature-x': open('feature-x') };
const all = Object.values(resolvers);
const cluster = createCluster(resolvers);
const started = performance.now();

try {
  const web = { develop: await cluster.deploy('web', 'develop'), branch: await cluster.deploy('web', 'feature-x') };
  const myRest = await cluster.deploy('my-rest', 'feature-x');
  const stage = createStage(configMap, checker, {
    baseline: 'develop',
    'web.develop': web.develop,
    'web.feature-x': web.branch,
    'my-rest.develop': await cluster.deploy('my-rest', 'develop'),
    'orders.develop': await cluster.deploy('orders', 'develop'),
    'billing.develop': await cluster.deploy('billing', 'develop'),
    'my-rest.feature-x': myRest,
  });
  setDefaultResolver(resolvers['feature-x']);
  await Promise.all(all.flatMap((resolver) => [resolver.ready(), resolver.reload()]));

  say(bold("branchline: my branch's own copy, or the shared one?"));
  say();
  tell('some-service runs in the branch feature-x and calls services by name:');
  say();
  say(green("     import { fetch } from 'branchline';"));
  say(green("     await fetch('http://my-rest/get-customer-permissions');"));
  say();
  tell(
    'CI writes where that goes into a ConfigMap. Here the services are real HTTP servers on 127.0.0.1, ' +
      'and the ConfigMap is a folder, written as the kubelet writes a mount.',
  );
  await story({ cluster, stage, checker, resolvers, web, myRest });
  countUp(all, cluster, checker);
  say();
  tell("The milliseconds are the library's. In a cluster the kubelet needs up to a minute or two before the swap.");
  conclude();
} catch (error) {
  const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}${cause}\n`);
  process.exitCode = 1;
} finally {
  cluster.close();
  await Promise.all(all.map((resolver) => resolver.close()));
}

/**
 * The resolver of the Pods of a namespace. In a Pod nothing is said in code: the mount is at /etc/branchline, and
 * POD_NAMESPACE is set. Here it is said, so that the settings of this machine have no say. The poll is quicker too, for
 * systems that do not tell of changes.
 */
function open(namespace: Namespace): Resolver {
  const resolver = createResolver({ sources: [mountSource({ path: configMap.path })], namespace, pollInterval: 500 });
  resolver.on('problem', () => {}); // what is wrong is part of the story, and not for stderr
  return resolver;
}

function conclude(): void {
  const { checked, complaints, status } = checker;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  say();
  if (status === 0) say(green(`✓ ${checked} checks in ${seconds} s: every answer was the one it must be.`));
  else say(red(`✗ ${complaints.length} of ${checked} checks failed:`));
  for (const complaint of complaints) tell(complaint, '   ', red);
  process.exitCode = status;
}
