// A target under many inputs: seeds of the corpus, mutated. What breaks is made smaller, and kept as a replay.

import process from 'node:process';

import { mutateBytes } from './bytes.ts';
import { writeReplay } from './replays.ts';
import { mutateStructure } from './structure.ts';
import { below, pick, type Target } from './target.ts';

export interface Fuzzed {
  readonly target: string;
  readonly inputs: number;
  /** What broke, and how to see it again. */
  readonly breaches: readonly string[];
}

/** After so many different faults of one target nothing more is tried: more of them help nobody. */
const MOST_TOLD = 5;
/** No input of some kilobytes takes longer, in milliseconds of the processor: the machine may do other things. */
const LONGEST = 3000;

export async function fuzz(target: Target, count: number, random: () => number): Promise<Fuzzed> {
  const told = new Map<string, string>();
  const watched = watchProcess();
  let done = 0;
  for (; done < count && told.size < MOST_TOLD; done += 1) {
    // The corpus itself first: what it holds must hold before anything is mutated.
    const input = target.seeds[done] ?? draw(target, random);
    const found = await holds(target, input);
    const fault = found ?? watched.fault();
    if (fault === null || told.has(kindOf(fault))) continue;
    const small = found === null ? input : await smaller(target, input, kindOf(fault));
    const why = (await holds(target, small)) ?? fault;
    told.set(kindOf(fault), `${target.name}: ${why}\n${writeReplay(target.name, small, why)}`);
  }
  // A rejection that nobody handles is told a turn later.
  await new Promise((resolve) => void setImmediate(resolve));
  const late = watched.fault();
  watched.stop();
  return {
    target: target.name,
    inputs: done,
    breaches: [...told.values(), ...(late === null ? [] : [`${target.name}: ${late}`])],
  };
}

/** What is wrong with this input: also that the library threw past the oracle, or took very long. */
export async function holds(target: Target, input: string): Promise<string | null> {
  const before = process.cpuUsage();
  try {
    const fault = await target.hold(input);
    const { user, system } = process.cpuUsage(before);
    const took = (user + system) / 1000;
    return fault ?? (took > LONGEST ? `it took ${Math.round(took)} ms` : null);
  } catch (error) {
    return `thrown past the oracle: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}

function draw(target: Target, random: () => number): string {
  if (target.draw !== undefined && random() < 0.8) return target.draw(random);
  let input = pick(random, target.seeds);
  for (let left = 1 + below(random, 4); left > 0; left -= 1) {
    input =
      random() < 0.5
        ? mutateBytes(random, input, pick(random, target.seeds))
        : mutateStructure(random, input, target.words);
  }
  return input;
}

/** What a fault begins with: what is quoted after that, and numbers, make no other kind. */
function kindOf(fault: string): string {
  return (fault.split(/["\d]/)[0] as string).slice(0, 60);
}

/** Shorter, and broken in the same way: pieces are left out as long as that goes. */
async function smaller(target: Target, input: string, kind: string): Promise<string> {
  let best = input;
  let tries = 400;
  for (let size = Math.ceil(best.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.length && tries > 0; tries -= 1) {
      const shorter = best.slice(0, at) + best.slice(at + size);
      const fault = await holds(target, shorter);
      if (fault !== null && kindOf(fault) === kind) best = shorter;
      else at += size;
    }
  }
  return best;
}

/** Errors that reached nobody. */
function watchProcess(): { fault(): string | null; stop(): void } {
  const faults: string[] = [];
  const note = (error: unknown): void => {
    faults.push(
      `an error that reached nobody: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  };
  process.on('unhandledRejection', note);
  process.on('uncaughtException', note);
  return {
    fault: () => faults.shift() ?? null,
    stop() {
      process.off('unhandledRejection', note);
      process.off('uncaughtException', note);
    },
  };
}
