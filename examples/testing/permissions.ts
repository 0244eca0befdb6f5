// A module of a service, as its team wrote it. Nothing in it is there for the tests.

import { resolve } from 'branchline';

export async function getPermissions(customer: string): Promise<string[]> {
  const response = await fetch(
    `${resolve('my-rest')}/get-customer-permissions?customer=${encodeURIComponent(customer)}`,
  );
  if (!response.ok) throw new Error(`my-rest answered ${response.status}`);
  return (await response.json()) as string[];
}
