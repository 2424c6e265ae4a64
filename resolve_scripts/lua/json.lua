-- JSON documents to Lua tables and back. Lists carry a metatable, so that an empty one stays a list.
local json = { list = {} }

local DEEPEST = 100
local ESCAPES = { ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

-- JSON's null, which a Lua table cannot hold.
json.null = setmetatable({}, { __tostring = function() return "null" end })

-- Mark a table as a list.
function json.as_list(values)
    return setmetatable(values, json.list)
end

local function fail(text, at, what)
    error({ json = string.format("%s at byte %d of %d", what, at, #text) }, 0)
end

local function utf8_bytes(code)
    if code < 0x80 then return string.char(code) end
    if code < 0x800 then return string.char(0xC0 + math.floor(code / 64), 0x80 + code % 64) end
    local last = 0x80 + code % 64
    local middle = 0x80 + math.floor(code / 64) % 64
    if code < 0x10000 then return string.char(0xE0 + math.floor(code / 4096), middle, last) end
    return string.char(0xF0 + math.floor(code / 262144), 0x80 + math.floor(code / 4096) % 64, middle, last)
end

local function read_string(text, at)
    local parts, from = {}, at + 1
    while true do
        local stop = text:find('["\\%c]', from)
        if not stop then fail(text, at, "a string does not end") end
        local mark = text:sub(stop, stop)
        parts[#parts + 1] = text:sub(from, stop - 1)
        if mark == '"' then return table.concat(parts), stop + 1 end
        if mark == "\127" then -- a control character to Lua, a plain one to JSON
            parts[#parts + 1], from = mark, stop + 1
        elseif mark ~= "\\" then
            fail(text, stop, "a control character in a string")
        elseif text:sub(stop + 1, stop + 1) == "u" then
            local code = tonumber(text:match("^%x%x%x%x", stop + 2) or fail(text, stop, "a bad escape"), 16)
            from = stop + 6
            if code >= 0xD800 and code < 0xDC00 then
                local low = tonumber(text:match("^\\u(%x%x%x%x)", from) or "", 16)
                if low and low >= 0xDC00 and low < 0xE000 then
                    code, from = 0x10000 + (code - 0xD800) * 0x400 + (low - 0xDC00), from + 6
                end
            end
            parts[#parts + 1] = utf8_bytes(code)
        else
            parts[#parts + 1] = ESCAPES[text:sub(stop + 1, stop + 1)] or fail(text, stop, "a bad escape")
            from = stop + 2
        end
    end
end

local read_value

local function read_many(text, at, close, read_one)
    at = text:find("[^ \t\r\n]", at + 1) or #text + 1
    if text:sub(at, at) == close then return at + 1 end
    while true do
        at = read_one(at)
        at = text:find("[^ \t\r\n]", at) or #text + 1
        local mark = text:sub(at, at)
        if mark == close then return at + 1 end
        if mark ~= "," then fail(text, at, "neither a comma nor the end") end
        at = text:find("[^ \t\r\n]", at + 1) or #text + 1
    end
end

function read_value(text, at, depth, nulls)
    if depth > DEEPEST then fail(text, at, "nested too deeply") end
    local mark = text:sub(at, at)
    if mark == '"' then return read_string(text, at) end
    if mark == "[" then
        local values = json.as_list({})
        return values, read_many(text, at, "]", function(here)
            local value
            value, here = read_value(text, here, depth + 1, nulls)
            values[#values + 1] = value
            return here
        end)
    end
    if mark == "{" then
        local values = {}
        return values, read_many(text, at, "}", function(here)
            if text:sub(here, here) ~= '"' then fail(text, here, "no name") end
            local name, value
            name, here = read_string(text, here)
            here = text:match("^[ \t\r\n]*:[ \t\r\n]*()", here) or fail(text, here, "no colon")
            value, here = read_value(text, here, depth + 1, nulls)
            if value ~= json.null or nulls then values[name] = value end
            return here
        end)
    end
    for word, value in pairs({ ["true"] = true, ["false"] = false, null = json.null }) do
        if text:sub(at, at + #word - 1) == word then return value, at + #word end
    end
    local stop = text:match("^-?%d+()", at)
    if not stop or text:match("^-?0%d", at) then fail(text, at, "no value") end
    stop = text:match("^%.%d+()", stop) or stop
    stop = text:match("^[eE][+-]?%d+()", stop) or stop
    return tonumber(text:sub(at, stop - 1)), stop
end

-- Return the value of a JSON document; raises a table with `json` where it is none. Members that are null are left
-- out unless they are asked for.
function json.decode(text, nulls)
    local value, at = read_value(text, text:find("[^ \t\r\n]") or 1, 0, nulls)
    if text:find("[^ \t\r\n]", at) then fail(text, at, "something after the end") end
    return value
end

local function write_string(text)
    return '"' .. text:gsub('[%c"\\]', function(mark)
        return mark == "\127" and mark or string.format("\\u%04x", mark:byte())
    end) .. '"'
end

-- Return a value as a JSON document; tables without numbers are objects, names in order.
function json.encode(value)
    local kind = type(value)
    if value == json.null or kind == "nil" then return "null" end
    if kind == "string" then return write_string(value) end
    if kind == "boolean" then return tostring(value) end
    if kind == "number" then
        if value ~= value or value == math.huge or value == -math.huge then
            error({ json = "a number that JSON cannot hold" }, 0)
        end
        return (string.format("%.17g", value):gsub(",", ".")) -- some languages write a decimal comma
    end
    if kind ~= "table" then error({ json = "JSON holds no " .. kind }, 0) end
    local parts = {}
    if getmetatable(value) == json.list or #value > 0 then
        for index = 1, #value do parts[index] = json.encode(value[index]) end
        return "[" .. table.concat(parts, ",") .. "]"
    end
    local names = {}
    for name in pairs(value) do names[#names + 1] = tostring(name) end
    table.sort(names)
    for index, name in ipairs(names) do parts[index] = write_string(name) .. ":" .. json.encode(value[name]) end
    return "{" .. table.concat(parts, ",") .. "}"
end

return json
