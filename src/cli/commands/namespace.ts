// branchline namespace: the namespace of a branch, the same as `namespaceOf` at run time.

import { quote } from '../../core/quote.ts';
import { BRANCH_VARIABLES, branchOf, isMerged, tagOf } from '../branch.ts';
import { type ExitCode, Failure, type Terminal } from '../terminal.ts';
import type { Tools } from '../tools.ts';

export interface NamespaceCommandOptions {
  readonly prefix?: string | undefined;
}

export function namespace(
  branch: string | undefined,
  options: NamespaceCommandOptions,
  tools: Tools,
  terminal: Terminal,
): ExitCode {
  const tag = branch === undefined ? tagOf(terminal.env) : null;
  if (tag !== null)
    throw new Failure(`this is a build of the tag ${quote(tag)}, and no branch's; name a branch if one is meant.`, 1);
  const found = branch === undefined ? branchOf(terminal.env) : { branch, variable: 'the argument' };
  if (found === null) throw new Failure(`no branch is named; give one, or set one of ${BRANCH_VARIABLES.join(', ')}.`);
  if (isMerged(found))
    throw new Failure(
      `GITHUB_REF_NAME is ${quote(found.branch)}: that is what a pull request would make, and no branch. Name the branch: branchline namespace "$BRANCH", from github.event.pull_request.head.ref.`,
      1,
    );
  terminal.out(tools.namespaceOf(found.branch, options));
  return 0;
}
