// The Lua of an Envoy filter, run by LuaJIT as Envoy does, with as much of Envoy's headers as it uses.

import { spawnSync } from 'node:child_process';

/** Of Envoy's documentation: `get` joins the lines of a header by commas, `remove` takes out all of them. */
const HEADERS = `
local lines = {}
for name, value in string.gmatch(io.read("*a"), "([^\\1]+)\\1([^\\2]*)\\2") do
  table.insert(lines, { string.lower(name), value })
end
local headers = {}
function headers:get(name)
  local values = {}
  for _, line in ipairs(lines) do if line[1] == name then table.insert(values, line[2]) end end
  if #values > 0 then return table.concat(values, ",") end
end
function headers:remove(name)
  for index = #lines, 1, -1 do if lines[index][1] == name then table.remove(lines, index) end end
end
function headers:add(name, value) table.insert(lines, { name, value }) end
envoy_on_request({ headers = function() return headers end })
for _, line in ipairs(lines) do io.write(line[1], "\\1", line[2], "\\2") end
`;

type Header = readonly [name: string, value: string];

/** What is left of the headers, in order. */
export function filtered(lua: string, headers: readonly Header[]): Header[] {
  const input = headers.map(([name, value]) => `${name}\u0001${value}\u0002`).join('');
  const { status, stdout, stderr, error } = spawnSync('luajit', ['-e', lua + HEADERS], { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`luajit ended with ${status}: ${error?.message ?? stderr}`);
  const lines = stdout.split('\u0002').slice(0, -1);
  return lines.map((line) => line.split('\u0001') as unknown as Header);
}
