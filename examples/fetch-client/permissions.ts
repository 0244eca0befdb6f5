// A module that calls another service, by its name. Where the name leads is asked at each call.

import { fetch, resolutionOf } from 'branchline';

export async function getPermissions(customer: string): Promise<string[]> {
  const url = `http://my-rest/get-customer-permissions?customer=${encodeURIComponent(customer)}`;
  // There is no default timeout.
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
  if (!response.ok) throw new Error(`${whoAnswered(response)} answered ${response.status}`);
  return (await response.json()) as string[];
}

/** `my-rest of feature-x (branch)`: in an error it saves the question whose copy that was. */
function whoAnswered(response: Response): string {
  const { service, namespace, via } = resolutionOf(response) ?? {};
  return service === undefined ? response.url : `${service} of ${namespace} (${via})`;
}
