// Decisions as a target: a table, drawn from a number, and a request. A million of them make the first line of the card.

import { randomOf } from '../../trial.ts';
import { writeReplay } from '../replays.ts';
import { below, type Target } from '../target.ts';
import { decisionFault } from './decide.ts';
import { drawRequest, type Request } from './requests.ts';
import { drawScenario, type Scenario } from './tables.ts';

interface Input {
  readonly table: number;
  readonly request: Request;
}

const MOST_TOLD = 5;
/** So many requests are put to one table. */
const PER_TABLE = 500;

export const decisions: Target = {
  name: 'decisions',
  seeds: [],
  words: [],
  hold(input) {
    const { table, request } = JSON.parse(input) as Input;
    const scenario = drawScenario(randomOf(table));
    const fault = decisionFault(scenario, request);
    void scenario.resolver.close();
    return fault;
  },
};

/** What broke; asks the event loop in between, so that timers and signals are served. */
export async function decide(count: number, random: () => number): Promise<readonly string[]> {
  const breaches: string[] = [];
  let scenario: Scenario | undefined;
  let table = 0;
  for (let done = 0; done < count && breaches.length < MOST_TOLD; done += 1) {
    if (done % PER_TABLE === 0) {
      await scenario?.resolver.close();
      table = below(random, 2 ** 31);
      scenario = drawScenario(randomOf(table));
      await new Promise((resolve) => void setImmediate(resolve));
    }
    const request = drawRequest(random);
    const fault = faultOf(scenario as Scenario, request);
    if (fault === null) continue;
    const input: Input = { table, request };
    breaches.push(`decisions: ${fault}\n${writeReplay('decisions', JSON.stringify(input), fault)}`);
  }
  await scenario?.resolver.close();
  return breaches;
}

function faultOf(scenario: Scenario, request: Request): string | null {
  try {
    return decisionFault(scenario, request);
  } catch (error) {
    return `thrown past the oracle: ${(error as Error).stack ?? String(error)}`;
  }
}
