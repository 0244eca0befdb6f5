// What the story is told with: a swap of the ConfigMap with calls going on, and a round of calls to everything.

import { setTimeout as sleep } from 'node:timers/promises';

import type { Checker } from './checker.ts';
import type { Namespace } from './deployment.ts';
import type { MountedConfigMap } from './mounted-config-map.ts';
import { bold, dim, green, pause, red, say, yellow } from './screen.ts';
import type { Service } from './some-service.ts';
import { type Answer, ask } from './witness.ts';

/** A value for a key, `null` to remove it. */
type Changes = Readonly<Record<string, string | null>>;

interface Turn {
  readonly service: Service;
  readonly before: string;
  readonly after: string;
}

export interface Stage {
  chapter(title: string): Promise<void>;
  /** Swaps, and calls a service until the answer is `after`; the result is that answer. */
  swap(changes: Changes, turn: Turn): Promise<Answer>;
  /** Calls every service and draws who answered. */
  round(expected: Readonly<Record<Service, string>>): Promise<void>;
}

/** A swap that is not noticed by then, in milliseconds, ends the story. */
const PATIENCE = 5000;

export function createStage(
  configMap: MountedConfigMap,
  checker: Checker,
  start: Readonly<Record<string, string>>,
): Stage {
  const data = new Map(Object.entries(start));
  configMap.write(start);
  let chapters = 0;

  const apply = (changes: Changes): void => {
    for (const [key, value] of Object.entries(changes)) {
      if (value === null) {
        say(red(`   - ${key}`));
        data.delete(key);
      } else {
        say(data.has(key) ? yellow(`   ~ ${key}: ${value}`) : green(`   + ${key}: ${value}`));
        data.set(key, value);
      }
    }
  };

  return {
    async chapter(title) {
      await pause();
      chapters += 1;
      say();
      say(bold(`${chapters}. ${title}`));
      say();
    },

    async swap(changes, { service, before, after }) {
      apply(changes);
      await pause();
      const swapped = configMap.write(Object.fromEntries(data));
      for (let calls = 0; ; calls += 1) {
        const answer = await ask(service);
        const elapsed = performance.now() - swapped;
        const right = checker.check(`${chapters}. ${service} while swapping`, answer.by, before, after);
        if (answer.by === after || !right) {
          const took = `${elapsed.toFixed(1)} ms after the swap: ${service} → ${answer.by}`;
          say();
          say(dim(`   ${took} (${calls} × ${before} before)`));
          say();
          return answer;
        }
        if (elapsed > PATIENCE) throw new Error(`${PATIENCE} ms after the swap ${service} is still ${before}`);
        // Room for the watcher to be heard.
        await sleep(1);
      }
    },

    async round(expected) {
      say(dim(`                develop   feature-x`));
      for (const service of Object.keys(expected) as Service[]) {
        const answer = await ask(service);
        const must = expected[service];
        const right = checker.check(`${chapters}. ${service}`, answer.by, must);
        const marks = `${mark(service, 'develop', answer)}          ${mark(service, 'feature-x', answer)}`;
        const wrong = right ? '' : red(`  must be ${must}`);
        say(`   ${service.padEnd(16)}${marks}       ${note(answer)}${wrong}`);
      }
    },
  };

  function mark(service: Service, namespace: Namespace, { by }: Answer): string {
    if (by.startsWith(namespace)) return green('●');
    if (!data.has(`${service}.${namespace}`)) return dim('·');
    return by.startsWith('ERR_') && namespace === 'feature-x' ? red('✗') : '○';
  }
}

function note({ by, detail }: Answer): string {
  if (by.startsWith('ERR_')) return red(by);
  return by.endsWith(', stale') ? `${detail} ${yellow('stale')}` : detail;
}
