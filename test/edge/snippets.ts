// The snippets of SECURITY.md, by the heading that they stand under.

import { readFileSync } from 'node:fs';

const text = readFileSync(new URL('../../.github/SECURITY.md', import.meta.url), 'utf8');

/** Of one language, in their order. At least one, or the page says something else now. */
export function snippetsOf(heading: string, language: string): string[] {
  const [, section] = text.split(new RegExp(`^### ${heading}\n`, 'm'));
  if (section === undefined) throw new Error(`SECURITY.md has no heading "${heading}"`);
  const [own = ''] = section.split(/^##/m);
  const blocks = [...own.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  const found = blocks.filter(([, of]) => of === language).map(([, , snippet = '']) => snippet);
  if (found.length === 0) throw new Error(`SECURITY.md has no ${language} under "${heading}"`);
  return found;
}

export function snippetOf(heading: string, language: string, index = 0): string {
  const snippet = snippetsOf(heading, language)[index];
  if (snippet === undefined) throw new Error(`SECURITY.md has too few snippets under "${heading}"`);
  return snippet;
}
