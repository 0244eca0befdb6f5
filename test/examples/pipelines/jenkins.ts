// Jenkins: the stages of a declarative pipeline, a shell for each `sh`.

import { evaluate } from './expressions.ts';
import { COMMIT, type Step, type System, textOf, withSettings } from './run.ts';

interface Stage {
  readonly name: string;
  readonly when: string | null;
  readonly steps: readonly Pick<Step, 'text' | 'keptAs'>[];
  readonly stages: readonly Stage[];
}

const SHELL = /(?:env\.(\w+) = sh\(returnStdout: true, script: '([^']*)'\)\.trim\(\)|\bsh '''(.*?)''')/gs;

const jenkinsfile = textOf('Jenkinsfile');
const jenkinsStages = stagesIn(jenkinsfile);
const jenkinsVariables = Object.fromEntries(
  [...jenkinsfile.matchAll(/^ {4}([A-Z_]+) = '([^']*)'$/gm)].map(([, name = '', value = '']) => [name, value]),
);

/** As much of Groovy as the file uses. */
function stagesIn(text: string): Stage[] {
  const stages: Stage[] = [];
  const start = /\bstage\('([^']+)'\) \{/g;
  for (let found = start.exec(text); found !== null; found = start.exec(text)) {
    const [head, name = ''] = found;
    const body = text.slice(found.index + head.length, endOf(text, found.index + head.length));
    start.lastIndex += body.length;
    const inner = stagesIn(body);
    const steps =
      inner.length > 0
        ? []
        : [...body.matchAll(SHELL)].map(([, keptAs, short, long = '']) => ({
            // Groovy reads backslashes before the shell does.
            text: plain(short ?? long),
            ...(keptAs === undefined ? {} : { keptAs }),
          }));
    stages.push({ name, when: /when \{ expression \{ (.+?) \} \}/.exec(body)?.[1] ?? null, steps, stages: inner });
  }
  return stages;
}

function plain(text: string): string {
  if (text.includes('\\')) throw new Error(`Groovy would change the backslash in ${text}`);
  return text;
}

/** Where the block ends whose opening bracket is before `from`. */
function endOf(text: string, from: number): number {
  let depth = 1;
  for (const { 0: token, index } of text.slice(from).matchAll(/'''.*?'''|'[^'\n]*'|\/\/[^\n]*|[{}]/gs)) {
    if (token === '{') depth += 1;
    else if (token === '}') depth -= 1;
    if (depth === 0) return from + index;
  }
  throw new Error('a block has no end');
}

export const jenkins: System = {
  file: 'Jenkinsfile',
  texts: jenkinsStages.flatMap(({ stages: inner }) => inner.flatMap(({ steps }) => steps.map(({ text }) => text))),
  jobs({ kind, branch }, settings) {
    // The removal is a build of the main branch, with a parameter.
    const params = { REMOVE: kind === 'push' ? '' : branch };
    const env = {
      ...withSettings(jenkinsVariables, settings),
      ...params,
      BRANCH_NAME: kind === 'push' ? branch : 'main',
      GIT_COMMIT: COMMIT,
      KUBECONFIG: '/secret/kubeconfig',
    };
    return jenkinsStages.map(({ name, when, stages: inner }) => ({
      name,
      runs: (ended) =>
        !Object.values(ended).includes('failure') && (when === null || Boolean(evaluate(when, { params, env }))),
      steps: inner.flatMap(({ name: stage, steps }) =>
        steps.map((step) => ({ ...step, name: stage, shell: ['sh', '-xe'], env })),
      ),
    }));
  },
};
