-- Sends one body after the other in random order; BODIES and HEADERS name files with one of them per line.
-- An answer that is no 200, or that begins with errors, counts as failed.
local bodies, failed = {}, 0
local headers = {}

for line in io.lines(os.getenv("BODIES")) do bodies[#bodies + 1] = line end
for line in io.lines(os.getenv("HEADERS")) do
  local name, value = line:match("^(.-): (.*)$")
  headers[name] = value
end

local threads = {}
function setup(thread) threads[#threads + 1] = thread end

function init()
  math.randomseed(tonumber(os.getenv("SEED")))
  failures = 0
end

function request()
  return wrk.format("POST", nil, headers, bodies[math.random(#bodies)])
end

function response(status, _, body)
  if status ~= 200 or body:sub(1, 9) ~= '{"data":{' then failures = failures + 1 end
end

function done(summary, latency)
  local failures = 0
  for _, thread in ipairs(threads) do failures = failures + thread:get("failures") end
  local broken = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    '\nRESULT {"requests":%d,"microseconds":%d,"p50":%.3f,"p99":%.3f,"failures":%d}\n',
    summary.requests, summary.duration, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    failures + broken))
end
