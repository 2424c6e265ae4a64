-- Runs an installed menu entry as Resolve's Lua does: handles as globals, methods called with a colon.
-- Arguments: pipe for calls, pipe for answers, the entry, the names that the host predefines, those that it takes away,
-- a folder for what Windows shows (empty elsewhere), and the functions of Resolve's own there.
local execute = os.execute
local windows, own = arg[6] or "", arg[7] or ""
local calls, answers = io.open(arg[1], "w"), io.open(arg[2], "r")
local about
local packed = setmetatable({}, { __mode = "k" })

local function pack(value)
    local kind = type(value)
    if kind == "table" and packed[value] then
        return '{"$":"' .. packed[value].identity .. '"}'
    elseif kind == "table" then
        local parts = {}
        if #value > 0 then
            for index, one in ipairs(value) do parts[index] = pack(one) end
            return "[" .. table.concat(parts, ",") .. "]"
        end
        for key, one in pairs(value) do parts[#parts + 1] = "[" .. pack(key) .. "," .. pack(one) .. "]" end
        return '{"%":[' .. table.concat(parts, ",") .. "]}"
    elseif kind == "string" then
        if windows ~= "" then value = value:gsub("\\", "/") end -- the fake runs elsewhere
        return '"' .. value:gsub('[%c"\\]', function(c) return string.format("\\u%04x", c:byte()) end) .. '"'
    elseif kind == "number" then
        return string.format("%.17g", value)
    elseif kind == "nil" then
        return "null"
    end
    return tostring(value)
end

local function ask(on, name, ...)
    local parts = {}
    for index = 1, select("#", ...) do parts[index] = pack((select(index, ...))) end
    calls:write('{"on":"', on, '","name":"', name, '","args":[', table.concat(parts, ","), "]}\n")
    calls:flush()
    local answer = answers:read("*l")
    if not answer then return nil end
    return assert(loadstring(answer))()
end

function O(identity, kind)
    local object = setmetatable({}, {
        __index = function(_, name)
            if kind == "Resolve" and about.constants[name] ~= nil then return about.constants[name] end
            for _, known in ipairs(about.methods[kind]) do
                if known == name then
                    return function(_, ...) return ask(identity, name, ...) end
                end
            end
            if about.unknown == "raise" then return nil end
            return function() return nil end
        end,
    })
    packed[object] = { identity = identity }
    return object
end

about = ask("", "")
local offered = {
    resolve = about.resolve,
    fusion = about.fusion,
    fu = about.fusion,
    bmd = { scriptapp = function(name) return name == "Resolve" and about.resolve or nil end,
            wait = function(seconds) execute("/bin/sleep " .. seconds) end },
    app = setmetatable({}, { __index = { GetResolve = function() return about.resolve end } }),
}
if windows ~= "" then
    local functions = dofile((arg[0]:gsub("host_lua", "host_windows")))(windows)
    for name in own:gmatch("[^,]+") do offered.bmd[name:match("^[^_]+")] = functions[name] end
end
local loaded = package.loaded
local entry, wanted, taken = arg[3], arg[4], arg[5] or ""
arg = nil
for name in wanted:gmatch("[^,]+") do _G[name] = offered[name] end
for name in taken:gmatch("[^,]+") do loaded[name], _G[name] = nil, nil end
dofile(entry)
