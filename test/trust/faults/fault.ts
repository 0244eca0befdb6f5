// What a fault is: done for real, noticed by its name in time, while the last good state answers. Each is run once, and
// two lines of the card are made of it.

import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { within } from '../../doubles/await.ts';
import type { Given, Outcome, Trial } from '../trial.ts';

export interface Fault {
  /** What goes wrong. */
  readonly name: string;
  /** What has to happen then, in one sentence without a full stop. */
  readonly required: string;
  /** How it was injected. */
  readonly how: string;
  /** Mostly waits, so that it may be run beside others: nothing in it is to be measured to the millisecond. */
  readonly beside?: true;
  run(given: Given, scope: Scope): Promise<Noticed>;
}

export interface Noticed {
  /** The event, the warning or the error that named it; the figure, where there is nothing to be named: `torn 0 of 900`. */
  readonly noticed: string;
  /** From the injection until it was noticed; `null` where there is nothing to be named. */
  readonly milliseconds: number | null;
  /** What must not be, each with what somebody needs to see it again. */
  readonly breaches: readonly string[];
}

/** What a fault takes hold of, and has to let go. */
export interface Scope {
  /** A folder of its own; `parent` for one elsewhere. No part of its path is a link. */
  folder(parent?: string): string;
  /** Is run when the fault is over, however it ended; the last one first. */
  after(release: () => unknown): void;
}

/** A fault that takes longer hangs, in milliseconds. */
const LONGEST = 90_000;

/** How many of those that mostly wait are run at the same time. */
const BESIDES = 3;

interface Row extends Noticed {
  readonly fault: Fault;
}

/** The lines of the card. The second trial looks at what the first one has run. */
export function trialsOf(faults: readonly Fault[]): Trial[] {
  let ran: Promise<readonly Row[]> | null = null;
  const rows = (given: Given): Promise<readonly Row[]> => (ran ??= runAll(faults, given));
  return [
    {
      axis: 'verified',
      name: 'every fault is noticed, named, and the last good state answers',
      from: 'short',
      run: async (given) => asVerified(await rows(given)),
    },
    {
      axis: 'observable',
      name: 'every fault raises a named event',
      from: 'short',
      run: async (given) => asObservable(await rows(given)),
    },
  ];
}

/** Those that mostly wait are run first, some at a time; each of the others alone. */
async function runAll(faults: readonly Fault[], given: Given): Promise<Row[]> {
  const rows = new Map<Fault, Row>();
  const work = async (waiting: Iterator<Fault>): Promise<void> => {
    for (let next = waiting.next(); next.done !== true; next = waiting.next()) {
      const start = performance.now();
      rows.set(next.value, { fault: next.value, ...(await runOne(next.value, given)) });
      given.progress(`${next.value.name} (${Math.round(performance.now() - start)} ms)`);
    }
  };
  const besides = faults.filter(({ beside }) => beside).values();
  await Promise.all(Array.from({ length: BESIDES }, async () => work(besides)));
  await work(faults.filter(({ beside }) => !beside).values());
  return faults.map((fault) => rows.get(fault) as Row);
}

/** A fault that could not be injected has shown nothing. */
async function runOne(fault: Fault, given: Given): Promise<Noticed> {
  const releases: (() => unknown)[] = [];
  const scope: Scope = {
    after: (release) => void releases.push(release),
    folder(parent = tmpdir()) {
      const folder = mkdtempSync(join(realpathSync(parent), 'branchline-'));
      releases.push(() => {
        rmSync(folder, { recursive: true, force: true });
      });
      return folder;
    },
  };
  const noticed = await within(fault.run(given, scope), 'the fault to be over', LONGEST).catch(
    (error: unknown): Noticed => ({ noticed: '', milliseconds: null, breaches: [textOf(error)] }),
  );
  const left: string[] = [];
  for (const release of releases.toReversed()) {
    try {
      await within(Promise.resolve(release()), 'what it took hold of to let go', LONGEST);
    } catch (error) {
      left.push(`it left something behind: ${textOf(error)}`);
    }
  }
  return { ...noticed, breaches: [...noticed.breaches, ...left] };
}

export const textOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

function asVerified(rows: readonly Row[]): Outcome {
  const held = rows.filter(({ breaches }) => breaches.length === 0);
  return {
    figure: `${held.length} of ${rows.length}`,
    breaches: rows.flatMap(({ fault, breaches }) =>
      breaches.map((breach) => `${fault.name} (${fault.how}): ${breach}\nwanted: ${fault.required}`),
    ),
    rows: rows.map(({ fault, noticed, milliseconds }) => [
      fault.name,
      fault.how,
      noticed === '' ? 'not noticed' : noticed,
      milliseconds === null ? '' : timeOf(milliseconds),
    ]),
  };
}

function asObservable(rows: readonly Row[]): Outcome {
  const silent = rows.filter(({ noticed }) => noticed === '');
  const named = rows.filter(({ noticed, milliseconds }) => noticed !== '' && milliseconds !== null);
  const [slowest] = named.toSorted((one, other) => (other.milliseconds ?? 0) - (one.milliseconds ?? 0));
  const time = slowest === undefined ? '' : `, ${timeOf(slowest.milliseconds ?? 0)} at most (${slowest.fault.name})`;
  return {
    figure: `${named.length} of ${named.length + silent.length}${time}`,
    breaches: silent.map(({ fault }) => `${fault.name} (${fault.how}): nothing named it`),
  };
}

function timeOf(milliseconds: number): string {
  return `${milliseconds < 10 ? milliseconds.toFixed(1) : Math.round(milliseconds)} ms`;
}
