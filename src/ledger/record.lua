-- A refund is one string: a line for scripts, the rest of the record as JSON, and its history, a line each. Hash and list
-- would take three times the room.
--   <format> <version> <token> <state> <holds, joined by +, or -> <fen> <content>\n<data>[\n<line of the history>]...
-- Of one that was retired `tombstone <content>` is left. Of a newer format only the format can be told.
local function refund_at(key)
  local stored = redis.call('GET', key)
  if not stored then return nil end
  local tombstone = string.match(stored, '^tombstone (.*)$')
  if tombstone then return { tombstone = tombstone, front = stored } end
  local format, version, token, state, holds, fen, content, data, trail =
    string.match(stored, '^(%d+) (%d+) (%S+) (%S+) (%S+) (%d+) (%S+)\n([^\n]*)(.*)$')
  return {
    front = string.sub(stored, 1, #stored - #(trail or '')),
    format = tonumber(format or string.match(stored, '^%d+')) or 0,
    version = tonumber(version),
    token = token,
    state = state,
    held = holds ~= '-',
    fen = tonumber(fen) or 0,
    content = content or '',
    data = data,
    trail = trail or '',
  }
end

