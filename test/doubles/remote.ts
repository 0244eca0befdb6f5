import type { Reading, Sink, Source } from 'branchline';

export interface Remote {
  readonly source: Source;
  readonly sink: () => Sink;
  readonly push: (report: Parameters<Sink['push']>[0]) => Promise<void>;
  /** Makes the source's `ready` resolve. */
  readonly ready: () => void;
}

/** A source in the hand of the test: it says what it is told to say, when it is told. */
export function remote(name = 'remote'): Remote {
  const sinks: Sink[] = [];
  let ready: () => void = () => undefined;
  const source: Source = {
    name,
    open(sink) {
      sinks.push(sink);
      return {
        ready: new Promise<void>((resolve) => {
          ready = resolve;
        }),
        reload: () => Promise.resolve(),
        close: () => Promise.resolve(),
      };
    },
  };
  const sink = (): Sink => sinks[0] as Sink;
  return {
    source,
    sink,
    push: (report: Parameters<Sink['push']>[0]): Promise<void> => sink().push(report),
    ready: (): void => {
      ready();
    },
  };
}

/** A reading of single keys. */
export function keys(entries: Record<string, string>): Reading {
  return { keys: new Map(Object.entries(entries)) };
}
