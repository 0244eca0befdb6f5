import { startChild } from './child.ts';

/** What the process is to do. */
export interface Order {
  /** The mount, or the file to rewrite. */
  path: string;
  /** The first sequence number, and how many follow. */
  first: number;
  times: number;
  entries: number;
  /** Random pauses between two versions, in milliseconds; without it at full speed. */
  pause?: { seed: number; most: number };
}

export interface Report {
  /** The sequence number that was written last. */
  last: number;
}

/** A kubelet in a process of its own swaps a ConfigMap of numbered entries. Resolves when it is done. */
export const swap = (order: Order): Promise<Report> => run('kubelet-process.ts', order);

/** A process of its own truncates and rewrites a JSON document of numbered entries. Resolves when it is done. */
export const rewrite = (order: Order): Promise<Report> => run('rewriter-process.ts', order);

function run(file: string, order: Order): Promise<Report> {
  const child = startChild(new URL(file, import.meta.url), { args: [JSON.stringify(order)] });
  const report = child.exited(60_000).then(({ code, stdout, stderr }) => {
    if (code !== 0) throw new Error(`the writer ended with ${code}: ${stderr}`);
    return JSON.parse(stdout) as Report;
  });
  report.catch(() => {}); // it is killed with a test that does not wait for it
  return report;
}
