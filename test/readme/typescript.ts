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

let cached: ts.Program | undefined;

function sources(): ts.Program {
  return (cached ??= ts.createProgram([join(project, 'src/index.ts'), join(project, 'src/testing.ts')], options));
}

/** What an entry file exports, types too. */
export function exportsOf(entry: 'index' | 'testing'): Declared[] {
  const checker = sources().getTypeChecker();
  const file = sources().getSourceFile(join(project, `src/${entry}.ts`)) as ts.SourceFile;
  return checker.getExportsOfModule(checker.getSymbolAtLocation(file) as ts.Symbol).map((exported) => {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    return { name: exported.name, signature: signatureOf(symbol, checker) };
  });
}

/** The members of an exported interface or class, in the order in which they are declared; no symbols, no constructor. */
export function membersOf(name: string): (Declared & { readonly defaultValue: string | null })[] {
  const checker = sources().getTypeChecker();
  const file = sources().getSourceFile(join(project, 'src/index.ts')) as ts.SourceFile;
  const exported = checker
    .getExportsOfModule(checker.getSymbolAtLocation(file) as ts.Symbol)
    .find((symbol) => symbol.name === name);
  if (exported === undefined) throw new Error(`the package exports no ${name}`);
  const declared = checker.getAliasedSymbol(exported).members ?? new Map<string, ts.Symbol>();
  return [...declared.values()]
    .filter(({ name: member }) => !member.startsWith('__'))
    .map((member) => {
      const tag = member.getJsDocTags(checker).find((found) => found.name === 'default');
      const defaultValue = tag === undefined ? null : ts.displayPartsToString(tag.text);
      return { name: member.name, signature: signatureOf(member, checker), defaultValue };
    });
}

/** The strings of an exported union of literals. */
export function literalsOf(name: string): string[] {
  const checker = sources().getTypeChecker();
  const file = sources().getSourceFile(join(project, 'src/index.ts')) as ts.SourceFile;
  const exported = checker
    .getExportsOfModule(checker.getSymbolAtLocation(file) as ts.Symbol)
    .find((symbol) => symbol.name === name);
  if (exported === undefined) throw new Error(`the package exports no ${name}`);
  const type = checker.getDeclaredTypeOfSymbol(checker.getAliasedSymbol(exported));
  return (type.isUnion() ? type.types : [type]).map((one) => (one as ts.StringLiteralType).value);
}

function signatureOf(symbol: ts.Symbol, checker: ts.TypeChecker): string | null {
  const [declaration] = symbol.declarations ?? [];
  const callable =
    declaration !== undefined && (ts.isFunctionDeclaration(declaration) || ts.isMethodSignature(declaration));
  const signature = callable ? checker.getSignatureFromDeclaration(declaration) : undefined;
  if (!callable || signature === undefined) return null;
  const parameters = declaration.parameters.map((parameter) => {
    const name = ts.isIdentifier(parameter.name) ? parameter.name.text : 'options';
    return checker.isOptionalParameter(parameter) ? `${name}?` : name;
  });
  const predicate = checker.getTypePredicateOfSignature(signature) !== undefined;
  const type = predicate ? 'boolean' : checker.typeToString(checker.getReturnTypeOfSignature(signature));
  return `${symbol.name}(${parameters.join(', ')}): ${type}`;
}
