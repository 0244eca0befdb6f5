// "Did my test really reach the branch?" is a number: what the library counted must be what the services counted.

import type { Resolver } from 'branchline';

import type { Checker } from './checker.ts';
import type { Cluster } from './cluster.ts';
import type { Namespace } from './deployment.ts';
import { dim, say } from './screen.ts';
import type { Service } from './some-service.ts';

const SERVICES: readonly Service[] = ['my-rest', 'orders', 'billing'];
const NAMESPACES: readonly Namespace[] = ['develop', 'feature-x'];

export function countUp(resolvers: readonly Resolver[], cluster: Cluster, checker: Checker): void {
  const counts = resolvers.flatMap((resolver) => resolver.coverage().counts);
  say();
  say('   coverage() counted every call, and so did the services:');
  say();
  say(dim('                develop   feature-x'));
  for (const service of SERVICES) {
    const cells = NAMESPACES.map((namespace) => {
      const rows = counts.filter((row) => row.service === service && row.namespace === namespace);
      const counted = rows.reduce((sum, { count }) => sum + count, 0);
      checker.check(`coverage() of ${service}.${namespace}`, counted, cluster.answered(service, namespace));
      return String(counted);
    });
    say(`   ${service.padEnd(13)}${(cells[0] ?? '').padStart(7)}${(cells[1] ?? '').padStart(12)}`);
  }
}
