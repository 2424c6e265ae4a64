-- Makes Lua behave as it does in Resolve on Windows: backslashes part folders, a rename replaces nothing, and each
-- program that os.execute or io.popen starts opens a console window, which is written down.
-- Returns Resolve's own functions by name; "createdir" and the others behave as badly as has been reported.
return function(folder)
    local open, remove, rename, execute = io.open, os.remove, os.rename, os.execute
    local own = {}

    local function posix(path)
        return (path:gsub("\\", "/"))
    end

    local function note(file, line)
        local out = open(folder .. "/" .. file, "a")
        out:write(line, "\n")
        out:close()
    end

    function io.open(path, mode) return open(posix(path), mode) end
    function os.remove(path) return remove(posix(path)) end

    function os.rename(from, to)
        local there = open(posix(to))
        if there then
            there:close()
            return nil, "File exists"
        end
        return rename(posix(from), posix(to))
    end

    function os.execute(command)
        note("consoles.txt", command)
        local rest, cut = command, 1
        while cut > 0 do rest, cut = rest:gsub('^set "[^"]*" & ', "") end
        rest = posix(rest):gsub("2>nul", "2>/dev/null"):gsub("^mkdir ", "mkdir -p ")
        return execute(rest)
    end

    function io.popen(command) note("consoles.txt", command) end

    -- One level only, backslashes only, and the same answer whether or not it has worked.
    function own.createdir(path)
        if not path:find("/", 1, true) then execute("mkdir '" .. posix(path) .. "' 2>/dev/null") end
        return true
    end

    -- No shell: neither variables nor redirections; the answer comes at once and says nothing.
    function own.executebg(command)
        if command:find("[&>|]") or command:find("^set ") then return end
        execute(posix(command) .. " > /dev/null 2>&1 &")
    end

    function own.executebg_idle() end

    function own.executebg_raises() error("not here") end

    function own.openfileexternal(verb, address) note("opened.txt", verb .. " " .. address) end

    return own
end
