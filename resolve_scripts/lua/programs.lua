-- Programs, folders and web addresses, by the ways that this system and this Resolve offer.
-- On Windows os.execute and io.popen go through cmd.exe, so each opens a console window, whatever it starts. Resolve's
-- own functions open none; none of them is known to say whether it has worked, so their effect is looked at instead.
return function(load, settings, host)
    local words = load("words")
    local windows = settings.system == "win32"
    local programs = {}
    -- Variables that point a program at Resolve's own libraries; neither curl nor the bridge must inherit them.
    local LIBRARIES = {
        "PYTHONHOME", "PYTHONPATH", "PYTHON3HOME", "LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH",
    }

    -- Return one of Resolve's own functions; nil where this version has none.
    local function native(name)
        local known, found = pcall(function() return host.bmd[name] end)
        return known and found or nil
    end

    -- True on Windows where a script can wait without starting a program.
    programs.windowless = windows and native("wait") ~= nil

    -- Return a command that runs without the variables of Resolve's libraries.
    function programs.clean(command)
        local parts = {}
        for index, name in ipairs(LIBRARIES) do
            parts[index] = windows and string.format('set "%s=" & ', name) or "-u " .. name .. " "
        end
        return windows and table.concat(parts) .. command or "env " .. table.concat(parts) .. command
    end

    function programs.pause(seconds)
        local wait = native("wait")
        if wait then return wait(seconds) end
        os.execute(windows and "ping -n 2 127.0.0.1 >nul" or "sleep " .. seconds)
    end

    local function can_be_written(folder)
        local probe = folder .. "/.emsync-probe"
        local file = io.open(probe, "wb")
        if not file then return false end
        file:close()
        os.remove(probe)
        return true
    end

    -- Make a folder where there is none; the one above it is there.
    function programs.make_folder(folder)
        if can_be_written(folder) then return end
        if not windows then
            os.execute("mkdir -p -m 700 " .. words.quoted(folder) .. " 2>/dev/null")
            return
        end
        local path, create = folder:gsub("/", "\\"), native("createdir")
        if create then
            pcall(create, path)
            if can_be_written(folder) then return end
        end
        os.execute("mkdir " .. words.quoted(path, "win32") .. " 2>nul")
    end

    -- Open a web address by Resolve's own function; false where this version has none.
    function programs.open_address(address)
        local open = native("openfileexternal")
        return programs.windowless and open ~= nil and pcall(open, "Open", address)
    end

    -- Return true where web addresses are opened without a console window.
    function programs.opens_addresses()
        return programs.windowless and native("openfileexternal") ~= nil
    end

    -- Start a program that has no window, by Resolve's own function and without a shell; false where that cannot be.
    function programs.start_windowless(command)
        local start, program = native("executebg"), command:match('^"([^"]+)"')
        local file = programs.windowless and start and program and io.open(program, "rb")
        if not file then return false end
        file:close()
        return (pcall(start, command))
    end

    -- Run emsync by the system's shell until it ends; its words go into a log.
    function programs.run(command, home, log)
        command = command .. " > " .. words.quoted(log, settings.system) .. " 2>&1"
        if windows then
            os.execute(programs.clean(string.format('set "EMSYNC_BRIDGE_HOME=%s" & %s', home, command)))
        else
            os.execute(programs.clean("EMSYNC_BRIDGE_HOME=" .. words.quoted(home) .. " " .. command) .. " < /dev/null")
        end
    end

    return programs
end
