// Many hostile requests at once, over a few connections to the applications; who they reached is told by the answers.

import { drawHostile, replyFault } from './requests.ts';
import { openStage } from './servers.ts';
import { openLine } from './socket.ts';

export interface Asked {
  readonly requests: number;
  readonly evilCalls: number;
  readonly breaches: readonly string[];
}

const LINES = 8;
const MOST_TOLD = 5;

export async function askOverHttp(count: number, random: () => number): Promise<Asked> {
  const stage = await openStage();
  const breaches: string[] = [];
  let left = count;
  const worker = async (): Promise<void> => {
    const lines = { reject: openLine(stage.ports.reject), ignore: openLine(stage.ports.ignore) };
    while (left > 0 && breaches.length < MOST_TOLD) {
      left -= 1;
      const hostile = drawHostile(random, stage);
      const before = stage.evilCalls();
      const fault = replyFault(hostile, await lines[hostile.refused].ask(hostile.bytes));
      const called = stage.evilCalls() > before ? 'somebody else was called' : null;
      if (fault !== null || called !== null)
        breaches.push(`${called ?? fault ?? ''}\nbytes ${JSON.stringify(hostile.bytes)}`);
    }
    lines.reject.close();
    lines.ignore.close();
  };
  await Promise.all(Array.from({ length: LINES }, () => worker()));
  const evilCalls = stage.evilCalls();
  await stage.close();
  return { requests: count - left, evilCalls, breaches };
}
