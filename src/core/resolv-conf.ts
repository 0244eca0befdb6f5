// `resolv.conf` as the kubelet writes it into a Pod: `search feature-x.svc.cluster.local svc.cluster.local …`
// (https://man7.org/linux/man-pages/man5/resolv.conf.5.html).

/** The search domains, in order; the last `search` line counts. */
export function searchDomains(text: string): string[] {
  const line = text.split('\n').findLast((candidate) => /^\s*search\s+\S/.test(candidate));
  return line === undefined ? [] : line.trim().split(/\s+/).slice(1);
}

/** The cluster's domain, `cluster.local`; `null` outside a cluster. */
export function clusterDomain(text: string): string | null {
  const domain = searchDomains(text).find((candidate) => candidate.startsWith('svc.'));
  return domain === undefined ? null : domain.slice('svc.'.length).replace(/\.$/, '');
}
