-- wrk: applications that nobody has sent before. Each request has its own person (name, valid identification number) and its own key.
-- From the environment: XINHUO_BENCH_TOKEN, XINHUO_BENCH_FIRST (the number of the first person; runs side by side leave room).

local token = os.getenv("XINHUO_BENCH_TOKEN")
local number = tonumber(os.getenv("XINHUO_BENCH_FIRST"))
local weights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
local checks = "10X98765432"
local characters = {"伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋"}
local body = '{"branch":"330702001001","name":"%s","id_number":"%s","document":"入党申请书","receives_as":"residence",'
  .. '"main":"none","rural_registration":true,"village_committee_member":false,'
  .. '"works_and_lives_at_registered_place":true,"unit_and_post":"示例村村民","phone":"13800000000","address":"示例村 8 号"}'

local function id_number(n)
  -- 999 people share a day of birth, 28 days make a month, 12 months a year, and it begins with those born in 1950; after
  -- 50 years comes the next division.
  local sequence, rest = n % 999 + 1, math.floor(n / 999)
  local day, month, year = rest % 28 + 1, math.floor(rest / 28) % 12 + 1, math.floor(rest / 336)
  local first = string.format("%06d%04d%02d%02d%03d", 330701 + math.floor(year / 50), 1950 + year % 50, month, day, sequence)
  local total = 0
  for place = 1, 17 do
    total = total + tonumber(first:sub(place, place)) * weights[place]
  end
  local check = total % 11 + 1
  return first .. checks:sub(check, check)
end

local function name(n)
  local text = "张"
  for digit in tostring(n):gmatch("%d") do
    text = text .. characters[tonumber(digit) + 1]
  end
  return text
end

function request()
  number = number + 1
  local headers = {
    ["Authorization"] = "Bearer " .. token,
    ["Content-Type"] = "application/json",
    ["Idempotency-Key"] = "bench-" .. number,
  }
  return wrk.format("POST", "/applications", headers, body:format(name(number), id_number(number)))
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %f, "refused": %d, "broken": %d, "p50_ms": %f, "p99_ms": %f}\n',
    summary.requests, summary.duration / 1e6, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
