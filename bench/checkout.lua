-- checkout.lua - one buyer per wrk thread: cart, contact and delivery, payment; again and again.
-- Environment: VARIANTS (ids separated by commas), METHOD (id of the way of delivery).
local variants, method = {}, os.getenv("METHOD")
for v in os.getenv("VARIANTS"):gmatch("[^,]+") do variants[#variants + 1] = v end
local step, token = 1, nil
n, failed = 0, 0
local head = {["Content-Type"] = "application/json"}
local counter = 0

function setup(thread)
  counter = counter + 1
  thread:set("seed", counter)
  table.insert(threads, thread)
end
threads = {}

function init() math.randomseed(seed * 7919) end

function request()
  if step == 1 then
    return wrk.format("POST", "/store/v1/carts", head, "{}")
  elseif step == 2 then
    local v = variants[math.random(#variants)]
    return wrk.format("POST", "/store/v1/carts/" .. token .. "/lines", head,
      '{"items":[{"variant_id":"' .. v .. '","qty":1}]}')
  elseif step == 3 then
    return wrk.format("PATCH", "/store/v1/carts/" .. token, head,
      '{"email":"buyer@example.com","address":{"first_name":"A","last_name":"B","line1":"Street 1",' ..
      '"city":"Amsterdam","postal_code":"1012 AB","country":"NL"}}')
  elseif step == 4 then
    return wrk.format("PATCH", "/store/v1/carts/" .. token, head,
      '{"delivery_method_id":"' .. method .. '"}')
  end
  return wrk.format("POST", "/store/v1/carts/" .. token .. "/checkout", head,
    '{"payment":"test","input":{"card":"4242424242424242"},"consent":{"terms":true},"return_url":"/done"}')
end

function response(status, headers, body)
  if status >= 300 then
    failed = failed + 1
    if failed == 1 then io.stderr:write(status .. " step " .. step .. " " .. body:sub(1, 600) .. "\n") end
    step = 1
    return
  end
  if step == 1 then token = body:match('"token":"([^"]+)"') end
  if step == 5 then
    if body:find('"state":"placed"', 1, true) then n = n + 1 else failed = failed + 1 end
    step = 1
  else
    step = step + 1
  end
end

function done(summary, latency)
  local all, bad = 0, 0
  for _, t in ipairs(threads) do
    all = all + t:get("n")
    bad = bad + t:get("failed")
  end
  io.write(string.format("RESULT %d %d %.3f %.0f %.0f\n", all, bad, summary.duration / 1e6,
    latency:percentile(50), latency:percentile(99)))
end
