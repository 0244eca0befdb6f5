// What an import does, and what a first answer does, seen from inside the process. Handles and descriptors are counted
// on the packed package, without the loader that runs TypeScript here.

const globals = (): string[] => Reflect.ownKeys(globalThis).map(String);
const before = globals();
const { resolve } = await import('branchline');
const made = globals().filter((name) => !before.includes(name));
const answer = [resolve('my-rest'), resolve('my-rest'), resolve('orders')];
process.stdout.write(`${JSON.stringify({ answer, made })}\n`);
