// branchline explain: every step considered, and why. Ends with 1 when there is no answer.

import type { Explanation } from '../../core/types.ts';
import { type ExitCode, type Paint, painter, type Style, type Terminal, wrap } from '../terminal.ts';
import { type Tools, withTable } from '../tools.ts';
import { type CallOptions, lookupOf } from './resolve.ts';

const STYLES: Readonly<Record<Explanation['steps'][number]['outcome'], Style>> = {
  taken: 'green',
  absent: 'dim',
  disabled: 'red',
  invalid: 'red',
  'no-endpoint': 'red',
  'bad-address': 'red',
};

export function explain(service: string, options: CallOptions, tools: Tools, terminal: Terminal): Promise<ExitCode> {
  return withTable(tools, options, (resolver) => {
    const explanation = resolver.explain(service, lookupOf(resolver, options, tools));
    if (options.json === true) terminal.out(JSON.stringify(explanation, null, 2));
    else terminal.out(painted(explanation, painter(terminal.color), terminal.columns));
    return explanation.error === null ? 0 : 1;
  });
}

/** The library's own drawing: the headline in bold, each step in the colour of its outcome. */
function painted(explanation: Explanation, paint: Paint, width: number | null): string {
  const [headline = '', ...lines] = String(explanation).split('\n');
  const { steps } = explanation;
  const drawn = (style: Style | undefined, line: string): string[] =>
    wrap(line, width, '      ').map((part) => (style === undefined ? part : paint(style, part)));
  return [
    ...drawn('bold', headline),
    ...lines.flatMap((line, index) => {
      const step = steps[index];
      return drawn(step === undefined ? undefined : STYLES[step.outcome], line);
    }),
  ].join('\n');
}
