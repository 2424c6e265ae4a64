-- Failures that a person can act on, answers that may be missing, and what is said and written down.
local words = {}

-- Stop with a sentence that says what went wrong and what to do.
function words.plain(text, ...)
    error({ plain = select("#", ...) > 0 and string.format(text, ...) or text }, 0)
end

-- Return a value; stop with a sentence where it is missing.
function words.there(value, missing)
    if value == nil then words.plain(missing) end
    return value
end

-- Call a method that older versions may not have; the fallback where there is no answer.
function words.maybe(object, method, otherwise, ...)
    local arguments, count = { ... }, select("#", ...)
    local asked, answer = pcall(function()
        return object[method](object, unpack(arguments, 1, count))
    end)
    if not asked or answer == nil then return otherwise end
    return answer
end

-- Return a frame number: Resolve gives whole numbers as floats in places.
function words.whole(number)
    return math.floor(number + 0.5)
end

-- Return a text that a POSIX shell takes as one word, or one that cmd.exe does.
function words.quoted(text, system)
    if system == "win32" then return '"' .. text .. '"' end
    return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- Say a line in the Console and write it into the log.
function words.voice(log)
    local voice = {}
    function voice.note(text)
        local file = io.open(log, "a")
        if not file then return end
        if file:seek("end") > 1000000 then
            file:close()
            file = io.open(log, "w")
            if not file then return end
        end
        file:write(os.date("%Y-%m-%d %H:%M:%S"), " [lua] ", text, "\n")
        file:close()
    end
    function voice.say(text)
        print("emsync: " .. text)
        voice.note(text)
    end
    return voice
end

return words
