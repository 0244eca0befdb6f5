// What every service of the story answers: who it is, and who answered when it called on.

export interface Reply {
  readonly service: string;
  readonly namespace: string;
  readonly called?: Reply;
}

export async function readReply(response: Response): Promise<Reply> {
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}`);
  return (await response.json()) as Reply;
}
