// The namespace of a branch: the same in CI and at run time.

import { BranchUnmappableError, InvalidOptionError } from './errors.ts';
import { isLabel, isNamespace } from './names.ts';
import { ownOptions } from './own-options.ts';
import { describe, quote } from './quote.ts';

export interface NamespaceOptions {
  /** Put in front of the name; it counts towards the 63 characters. @default '' */
  prefix?: string | undefined;
}

/** Hex digits of SHA-256 over text in UTF-8. */
export type Sha256 = (text: string) => string;

const LONGEST_BRANCH = 1024;
const LONGEST_LABEL = 63;
const DIGEST = 8;
const PREFIX = /^[a-z0-9][a-z0-9-]*$/;

/** Namespaces that are Kubernetes' own, or that would read as a file ending. */
function isReserved(namespace: string): boolean {
  return namespace === 'default' || namespace.startsWith('kube-') || !isNamespace(namespace);
}

/**
 * A label stays as it is. Everything else is lower-cased, each run of other characters becomes one `-`, and because
 * that loses something, 8 hex digits of the branch's SHA-256 follow: `feature/a-b` and `feature-a/b` must not meet.
 */
export function mapBranch(branch: string, options: NamespaceOptions, sha256: Sha256): string {
  const { prefix = '' } = ownOptions('namespaceOf', options, ['prefix']);
  if (typeof branch !== 'string') throw new InvalidOptionError(`a branch is a string, not ${describe(branch)}.`);
  if (
    typeof prefix !== 'string' ||
    (prefix !== '' && !(prefix.length <= LONGEST_LABEL - DIGEST - 2 && PREFIX.test(prefix)))
  ) {
    throw new InvalidOptionError(
      `prefix is ${describe(prefix)}; want at most ${LONGEST_LABEL - DIGEST - 2} of a-z, 0-9 and "-", no "-" in front.`,
    );
  }
  const refuse = (why: string) => new BranchUnmappableError(`the branch ${quote(branch)} has no namespace: ${why}.`);
  if (branch.length > LONGEST_BRANCH) throw refuse(`it is longer than ${LONGEST_BRANCH} characters`);
  if (branch === '' || branch === 'HEAD') throw refuse('it names no branch; check out a branch, or pass its name');
  if (branch.startsWith('refs/')) throw refuse('it is a ref; pass the branch name, what follows "refs/heads/"');

  if (/\p{Surrogate}/u.test(branch)) throw refuse('it is no well-formed text');

  const plain = `${prefix}${branch}`;
  if (isLabel(branch) && isLabel(plain)) {
    if (isReserved(plain)) throw refuse(`${quote(plain)} is reserved`);
    return plain;
  }
  const slug = slugOf(branch);
  if (slug === '') throw refuse('no letter or digit is left of it');
  const ending = `-${sha256(branch).slice(0, DIGEST)}`;
  const head = trimDashes(`${prefix}${slug}`.slice(0, LONGEST_LABEL - ending.length));
  const namespace = `${head}${ending}`;
  if (isReserved(namespace)) throw refuse(`${quote(namespace)} is reserved`);
  return namespace;
}

/** Lower case, other characters as single dashes, none at the ends. One pass. */
function slugOf(branch: string): string {
  let slug = '';
  let gap = false;
  for (const character of branch.toLowerCase()) {
    const fits = (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9');
    if (fits) slug += gap && slug !== '' ? `-${character}` : character;
    gap = !fits;
  }
  return slug;
}

function trimDashes(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === '-') end -= 1;
  return text.slice(0, end);
}
