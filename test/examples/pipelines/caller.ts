// An application of the baseline behind the middleware, whose mounted map is the cluster's.

import { createServer } from 'node:http';

import { createResolver } from 'branchline';
import { branchline } from 'branchline/express';
import { memorySource } from 'branchline/testing';
import express from 'express';
import { onTestFinished } from 'vitest';

import type { Cluster } from '../../doubles/cluster.ts';
import { listening } from '../stand-ins.ts';

/** Where it answers, also to `branchline wait`; with `follows: false` it is a Pod that keeps the map it started with. */
export async function startCaller(cluster: Cluster, { follows = true } = {}): Promise<string> {
  const mount = memorySource(cluster.map('develop'));
  const resolver = createResolver({ sources: [mount], namespace: 'develop' });
  onTestFinished(() => resolver.close());
  if (follows) cluster.onChange(() => mount.set(cluster.map('develop') ?? {}));
  const app = express();
  app.use(branchline({ trust: true, resolver }));
  app.get('/health', (_request, response) => void response.send('ok'));
  return `${await listening(createServer(app))}/health`;
}
