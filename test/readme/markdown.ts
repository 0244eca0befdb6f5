// As much Markdown as the README uses: headings, fenced blocks, tables, links.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { load } from 'js-yaml';

export const project = fileURLToPath(new URL('../../', import.meta.url));

export interface Block {
  readonly language: string;
  readonly text: string;
  /** Of the first line inside the fence, counted from 1. */
  readonly line: number;
  /** The heading above it. */
  readonly heading: string;
  /** The block that follows it with nothing in between. */
  readonly next: Block | null;
}

export interface Table {
  readonly line: number;
  readonly heading: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export interface Markdown {
  readonly lines: readonly string[];
  readonly headings: readonly string[];
  readonly blocks: readonly Block[];
  readonly tables: readonly Table[];
  /** Targets of `[text](target)`. */
  readonly links: readonly string[];
  /** The prose below a heading, its own subheadings included: everything but fenced blocks. */
  section(heading: string): string;
}

const FENCE = /^```(\w*)(.*)$/;
const HEADING = /^(#+) (.+)$/;

function readMarkdown(text: string): Markdown {
  const lines = text.split('\n');
  const headings: { readonly level: number; readonly name: string; readonly index: number }[] = [];
  const blocks: (Block & { next: Block | null })[] = [];
  const tables: Table[] = [];
  /** Line for line, empty where a fenced block is. */
  const prose: string[] = [];
  let fence: { language: string; line: number; text: string[] } | null = null;
  let lastEnd = -1;

  for (const [index, line] of lines.entries()) {
    const heading = headings.at(-1)?.name ?? '';
    const mark = FENCE.exec(line);
    if (fence !== null) {
      prose.push('');
      if (line !== '```') {
        fence.text.push(line);
        continue;
      }
      const block = { language: fence.language, text: fence.text.join('\n'), line: fence.line, heading, next: null };
      const before = blocks.at(-1);
      const between = lines.slice(lastEnd + 1, fence.line - 2);
      if (before !== undefined && between.every((other) => other === '')) before.next = block;
      blocks.push(block);
      fence = null;
      lastEnd = index;
    } else if (mark !== null) {
      if (mark[1] === '' || mark[2] !== '')
        throw new Error(`README.md:${index + 1}: a fence wants one word, a language`);
      fence = { language: mark[1] as string, line: index + 2, text: [] };
      prose.push('');
    } else {
      prose.push(line);
      const [, hashes, name] = HEADING.exec(line) ?? [];
      if (hashes !== undefined && name !== undefined) headings.push({ level: hashes.length, name, index });
      if (/^\|(?:-+\|)+$/.test(line)) tables.push(tableAt(lines, index, heading));
    }
  }
  if (fence !== null) throw new Error(`README.md:${fence.line}: the fence is not closed`);

  return {
    lines: lines.at(-1) === '' ? lines.slice(0, -1) : lines,
    headings: headings.map(({ name }) => name),
    blocks,
    tables,
    links: [...prose.join('\n').matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target as string),
    section(heading) {
      const from = headings.findIndex(({ name }) => name === heading);
      const start = headings[from];
      if (start === undefined) throw new Error(`README.md has no heading "${heading}"`);
      const end = headings.slice(from + 1).find(({ level }) => level <= start.level);
      return prose.slice(start.index, end?.index).join('\n');
    },
  };
}

/** `index` is that of the line below the header. */
function tableAt(lines: readonly string[], index: number, heading: string): Table {
  const header = cellsOf(lines[index - 1] as string);
  const rows: string[][] = [];
  for (let next = index + 1; lines[next]?.startsWith('|') === true; next += 1) {
    const cells = cellsOf(lines[next] as string);
    if (cells.length !== header.length) throw new Error(`README.md:${next + 1}: want ${header.length} cells`);
    rows.push(cells);
  }
  return { line: index, heading, header, rows };
}

function cellsOf(line: string): string[] {
  return line
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
}

/** What stands between backticks; a table escapes its bars. */
export function codeIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replaceAll(String.raw`\|`, '|'));
}

export const readme = readMarkdown(readFileSync(`${project}README.md`, 'utf8'));

export const blocksIn = (language: string): readonly Block[] =>
  readme.blocks.filter((block) => block.language === language);

export function tableUnder(heading: string, header: string): Table {
  const found = readme.tables.find((table) => table.heading === heading && table.header[0] === header);
  if (found === undefined) throw new Error(`there is no table "${header}" under "${heading}"`);
  return found;
}

/** The ConfigMap that the README's answers come from: the first one in it. */
export function configMap(): Record<string, string> {
  const manifests = blocksIn('yaml').map(({ text }) => load(text) as { kind?: string; data?: unknown });
  return manifests.find(({ kind }) => kind === 'ConfigMap')?.data as Record<string, string>;
}
