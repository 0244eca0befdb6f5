// What a source says at one moment: single keys, and documents that hold many. The contract between a source and
// whoever interprets it, in words that fit files, variables, and a set of Kubernetes objects alike.

import type { Key } from './keys.ts';

/** A value that could not be had, or has no business in a table: a FIFO, NUL bytes, a list, a fraction. */
export interface Unreadable {
  /** What was found, in words: `a FIFO`, `a list`. */
  readonly found: string;
}

/** The text of a value; white space at its ends does not count. */
export type Raw = string | Unreadable;

/** One `key: value` of a document. */
export interface Leaf {
  readonly key: string;
  readonly value: Raw;
  /** Counted from 1; `null` where the format has none. */
  readonly line: number | null;
}

/** A named group of keys that is taken or left as a whole: a file of many keys, or one object of several. */
export type Document = { readonly leaves: Leaves } | { readonly broken: Breakage };

/** A list of them, or what reads like one. */
export interface Leaves extends Iterable<Leaf> {
  readonly length: number;
}

/** Why a document does not parse. */
export interface Breakage {
  /** What, and what is wanted. */
  readonly reason: string;
  readonly line: number | null;
}

/**
 * All that a source says at one moment. It is complete: what is not in it is not there. A plain object, never changed
 * after it was handed over.
 */
export interface Reading {
  /** Single keys: as the source spells them → value. */
  readonly keys: ReadonlyMap<string, Raw>;
  /** Documents: by the name that `locate` understands. */
  readonly documents?: ReadonlyMap<string, Document> | undefined;
  /** What a spelling means. @default as in a mounted folder: `my-rest.develop` */
  readonly parseKey?: ((spelling: string) => Key) | undefined;
  /** Where a spelling, or a document, stands, for messages: a path, a variable, an object's key. @default its name */
  readonly locate?: ((name: string) => string) | undefined;
}

/** What a source reports of one look: what it says, or that it is gone, or that it cannot be read. */
export type Report =
  | Reading
  /** Not there, or nothing left in it. Everything it said stays: a deleted ConfigMap looks like this. */
  | { readonly vanished: string }
  /** Cannot be read, and why. Everything it said stays. */
  | { readonly failed: string };

/** A report that is long in the making: the resolver does a piece at a time. */
export type Work = Generator<void, Report>;

/** Bytes of a text in UTF-8. */
export function sizeOf(text: string): number {
  let size = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const point = text.codePointAt(index) as number;
    if (point < 0x80) continue;
    size += point < 0x800 ? 1 : 2;
    // Two units in UTF-16, four bytes.
    if (point > 0xffff) index += 1;
  }
  return size;
}

/** Bytes of one character in UTF-8 at most, as `length` counts characters. */
export const MOST_BYTES = 3;

/** Characters of a key and what it says. */
export function lengthOf(key: string, raw: Raw): number {
  return key.length + (typeof raw === 'string' ? raw.length : 0);
}

/** Bytes of all keys and values. */
export function sizeOfAll(keys: ReadonlyMap<string, Raw>, documents: Iterable<Leaves>): number {
  let size = 0;
  const count = (key: string, raw: Raw): void => {
    size += sizeOf(key) + (typeof raw === 'string' ? sizeOf(raw) : 0);
  };
  for (const [key, raw] of keys) count(key, raw);
  for (const leaves of documents) {
    for (const { key, value } of leaves) count(key, value);
  }
  return size;
}

/** A key may say at most this much. */
export const KEY_LIMIT = 1024 * 1024;
/** All that a source says, together. */
export const SOURCE_LIMIT = 4 * 1024 * 1024;
/** Entries of one source. */
export const ENTRY_LIMIT = 20_000;
/** Containers within containers, in a document. */
export const DEPTH_LIMIT = 32;
/** YAML and `.env` parse more slowly than JSON does. */
export const SLOW_DOCUMENT_LIMIT = 256 * 1024;
