// What a source has open when there is nothing to follow.

import type { OpenSource } from '../core/source.ts';

export function idle(): OpenSource {
  return { ready: Promise.resolve(), reload: () => Promise.resolve(), close: () => Promise.resolve() };
}
