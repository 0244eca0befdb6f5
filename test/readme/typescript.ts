// The README's TypeScript, compiled as strictly as the project's own, and what the declarations of the package say.

import { join } from 'node:path';

import ts from 'typescript';

import { type Block, project } from './markdown.ts';

const { config } = ts.readConfigFile(join(project, 'tsconfig.json'), ts.sys.readFile) as { config: unknown };
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, project);

/** What the compiler says of each block, `README.md:line` in front. All blocks are one program, each a module of its own. */
export function compile(blocks: readonly Block[]): string[] {
  const files = new Map(blocks.map((block) => [join(project, `test/readme/readme-${block.line}.ts`), block]));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => files.has(path) || fileExists(path);
  host.readFile = (path) => files.get(path)?.text ?? readFile(path);
  host.getSourceFile = (path, languageVersion, ...rest) => {
    const text = files.get(path)?.text;
    return text === undefined
      ? getSourceFile(path, languageVersion, ...rest)
      : ts.createSourceFile(path, text, languageVersion, true);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files].flatMap(([path, block]) => {
    const source = program.getSourceFile(path) as ts.SourceFile;
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ start = 0, messageText }) => {
      const line = block.line + source.getLineAndCharacterOfPosition(start).line;
      return `README.md:${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
  });
}

export interface Declared {
  readonly name: string;
  /** Of a function, as the README writes it: `resolve(service, options?): string`. */
  readonly signature: string | null;
}

const ENTRIES = ['index', 'express', 'testing', 'undici'] as const;
export type Entry = (typeof ENTRIES)[number];

const pathOf = (entry: Entry): string => join(project, `src/${entry}.ts`);

let cached: ts.Program | undefined;

function sources(): ts.Program {
  return (cached ??= ts.createProgram(
    ENTRIES.map((entry) => pathOf(entry)),
    options,
  ));
}

function symbolsOf(entry: Entry): ts.Symbol[] {
  const checker = sources().getTypeChecker();
  const file = sources().getSourceFile(pathOf(entry)) as ts.SourceFile;
  return checker.getExportsOfModule(checker.getSymbolAtLocation(file) as ts.Symbol);
}

function declarationOf(symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? sources().getTypeChecker().getAliasedSymbol(symbol) : symbol;
}

/** Of whichever entry. */
function find(name: string): ts.Symbol {
  const exported = ENTRIES.flatMap((entry) => symbolsOf(entry)).find((symbol) => symbol.name === name);
  if (exported === undefined) throw new Error(`the package exports no ${name}`);
  return declarationOf(exported);
}

/** What an entry file exports, types too. */
export function exportsOf(entry: Entry): Declared[] {
  return symbolsOf(entry).map((exported) => ({
    name: exported.name,
    signature: signatureOf(declarationOf(exported), exported.name),
  }));
}

/** Everything that the package exports. */
export function allExports(): Declared[] {
  return ENTRIES.flatMap((entry) => exportsOf(entry));
}

/** The members of an exported interface or class, in the order in which they are declared; no symbols, no constructor. */
export function membersOf(name: string): (Declared & { readonly defaultValue: string | null })[] {
  const checker = sources().getTypeChecker();
  const declared = find(name).members ?? new Map<string, ts.Symbol>();
  return [...declared.values()]
    .filter(({ name: member, flags }) => !member.startsWith('__') && !(flags & ts.SymbolFlags.TypeParameter))
    .map((member) => {
      const tag = member.getJsDocTags(checker).find((found) => found.name === 'default');
      const defaultValue = tag === undefined ? null : ts.displayPartsToString(tag.text);
      return { name: member.name, signature: signatureOf(member, member.name), defaultValue };
    });
}

/** The strings of an exported union of literals. */
export function literalsOf(name: string): string[] {
  const type = sources().getTypeChecker().getDeclaredTypeOfSymbol(find(name));
  return (type.isUnion() ? type.types : [type]).map((one) => (one as ts.StringLiteralType).value);
}

/** A return type without a name is left out: the README says what is in it. */
function signatureOf(symbol: ts.Symbol, name: string): string | null {
  const checker = sources().getTypeChecker();
  const [declaration] = symbol.declarations ?? [];
  const signature = declaration === undefined ? undefined : callOf(declaration);
  if (signature === undefined) return null;
  const parameters = signature.getDeclaration().parameters.map((parameter) => {
    const called = ts.isIdentifier(parameter.name) ? parameter.name.text : 'options';
    return checker.isOptionalParameter(parameter) ? `${called}?` : called;
  });
  const written = signature.getDeclaration().type?.getText() ?? '';
  const type = checker.getTypePredicateOfSignature(signature) === undefined ? written : 'boolean';
  return `${name}(${parameters.join(', ')})${type.startsWith('{') ? '' : `: ${type}`}`;
}

function callOf(declaration: ts.Declaration): ts.Signature | undefined {
  const checker = sources().getTypeChecker();
  const isFunction =
    ts.isFunctionDeclaration(declaration) || ts.isMethodSignature(declaration) || ts.isMethodDeclaration(declaration);
  if (isFunction) return checker.getSignatureFromDeclaration(declaration);
  return ts.isVariableDeclaration(declaration)
    ? checker.getTypeAtLocation(declaration).getCallSignatures()[0]
    : undefined;
}
