-- The bridge, from a Lua script's side: over curl where there is one, over files in the exchange folder where not.
-- Lua in Resolve has no HTTP; ffi and package are missing on some installations, so nothing here needs them.
return function(load, settings, host, voice)
    local json, words, programs = load("json"), load("words"), load("programs")
    local windows = settings.system == "win32"
    -- Requests go over files where a program would open a console window, and a script can wait without one.
    local quiet = programs.windowless and "files" or nil
    local bridge = { address = nil, over = quiet, counter = 0 }
    local WINDOWLESS_SECONDS = 20 -- for a start without a console window, before the shell is asked

    local function home()
        local chosen = os.getenv("EMSYNC_BRIDGE_HOME")
        if chosen and chosen ~= "" then return chosen end
        if settings.home ~= "" then return settings.home end
        if windows then return (os.getenv("LOCALAPPDATA") or "") .. "\\emsync-bridge" end
        local user = os.getenv("HOME") or ""
        if settings.system == "darwin" then return user .. "/Library/Application Support/emsync-bridge" end
        local data = os.getenv("XDG_DATA_HOME")
        return (data and data ~= "" and data or user .. "/.local/share") .. "/emsync-bridge"
    end
    bridge.home = home()

    bridge.pause = programs.pause

    local function unique()
        bridge.counter = bridge.counter + 1
        return string.format("lua-%d-%d-%d", os.time(), math.random(1000000000), bridge.counter)
    end

    local function read(path)
        local file = io.open(path, "rb")
        if not file then return nil end
        local text = file:read("*a")
        file:close()
        return text
    end

    -- Write a file that only the user can read; the exchange folder is shut to others as well.
    local function write_private(path, text)
        local file = windows and io.open(path, "wb") or io.popen("umask 077; cat > " .. words.quoted(path), "w")
        if not file then return false end
        file:write(text)
        file:close()
        return true
    end

    local function decoded(text)
        local well, document = pcall(json.decode, text)
        return well and document or nil
    end

    -- Read where the bridge is said to answer; stops where it speaks another protocol.
    function bridge.find()
        local said = decoded(read(bridge.home .. "/bridge.json") or "")
        if type(said) ~= "table" or not (said.port and said.token and said.exchange) then return false end
        if said.protocol ~= settings.protocol then
            words.plain("The emsync bridge speaks protocol %s and this menu entry protocol %d. Run 'emsync resolve "
                .. "install' again, and 'emsync serve --stop' if it is an old bridge.",
                said.protocol, settings.protocol)
        end
        -- The file writes the folder in UTF-8, which Lua on Windows cannot open outside the code page.
        if windows then said.exchange = bridge.home .. "\\exchange" end
        bridge.address = said
        return true
    end

    -- Everything that is secret goes into a file, for command lines can be read by others.
    local function curl(method, path, body, seconds, stream)
        local config = bridge.address.exchange .. "/." .. unique() .. ".conf"
        local lines = {
            string.format('url = "http://127.0.0.1:%d%s"', bridge.address.port, path),
            string.format('header = "Authorization: Bearer %s"', bridge.address.token),
            string.format('request = "%s"', method),
            'noproxy = "*"',
            "silent",
            string.format("max-time = %d", seconds),
            stream and "no-buffer" or 'write-out = "\\n%{http_code}"',
        }
        if body then
            local escaped = json.encode(body):gsub('[\\"]', "\\%0")
            lines[#lines + 1] = 'header = "Content-Type: application/json"'
            lines[#lines + 1] = 'data-raw = "' .. escaped .. '"'
        end
        if not write_private(config, table.concat(lines, "\n") .. "\n") then return nil end
        local pipe = io.popen(programs.clean("curl -q -K " .. words.quoted(config, settings.system)) .. " 2>"
            .. (windows and "nul" or "/dev/null"))
        return pipe, config
    end

    local function ask_by_curl(method, path, body, seconds)
        local pipe, config = curl(method, path, body, seconds)
        if not pipe then return nil end
        local said = pipe:read("*a") or ""
        pipe:close()
        os.remove(config)
        local text, status = said:match("^(.*)\n(%d%d%d)%s*$")
        if not status then return nil end
        return tonumber(status), decoded(text)
    end

    local function ask_by_files(method, path, body, seconds)
        local stem = bridge.address.exchange .. "/" .. unique()
        local request = { token = bridge.address.token, method = method, path = path, body = body or json.null }
        local file = io.open(stem .. ".part", "wb")
        if not file then return 0 end
        file:write(json.encode(request))
        file:close()
        os.rename(stem .. ".part", stem .. ".request.json")
        local limit = os.time() + seconds
        repeat
            bridge.pause(0.1)
            local answer = decoded(read(stem .. ".answer.json") or "")
            if answer then
                os.remove(stem .. ".answer.json")
                return answer.status, answer.body
            end
        until os.time() > limit
        os.remove(stem .. ".request.json")
        return 0
    end

    -- Send a request; returns HTTP status and document, status 0 where nobody answers.
    function bridge.ask(method, path, body, seconds)
        if not bridge.address then return 0 end
        if bridge.over ~= "files" then
            local status, document
            if io.popen then status, document = ask_by_curl(method, path, body, seconds or 30) end
            if status then
                bridge.over = "curl"
                return status, document
            end
            if bridge.over == "curl" then return 0 end
            bridge.over = "files" -- no curl here
        end
        return ask_by_files(method, path, body, seconds or 30)
    end

    function bridge.probe()
        if not bridge.find() then return false end
        local status = bridge.ask("GET", "/v1/status", nil, 5)
        return status == 200
    end

    -- What the page calls the options that an error may name.
    local page_controls = { media_roots = "Media folder", mood = "Mood", picture = "Movie", seed = "Seed" }

    -- Return an error of the bridge as sentences.
    function bridge.said(document, otherwise)
        local problem = type(document) == "table" and document.error
        if type(problem) ~= "table" or not problem.what then return otherwise .. "." end
        local where = problem.where and problem.where ~= "" and " (" .. problem.where .. ")" or ""
        local control = page_controls[problem.setting or ""]
        control = control and " ('" .. control .. "' on the emsync page)" or ""
        local hint = problem.hint and problem.hint ~= "" and " " .. problem.hint:gsub("%.$", "") .. control .. "." or ""
        return problem.what:gsub("%.$", "") .. where .. "." .. hint
    end

    function bridge.must(method, path, body)
        local status, document = bridge.ask(method, path, body)
        if status == 0 then
            words.plain("The emsync bridge has stopped answering. Click again to restart it.")
        elseif status < 200 or status >= 300 then
            words.plain("The emsync bridge refused: " .. bridge.said(document, "HTTP status " .. status))
        end
        return document
    end

    -- Run emsync with the command that was baked in; return the last line that it said.
    function bridge.run(more)
        local log = bridge.home .. "/resolve-start.log"
        programs.run(settings.command .. more, bridge.home, log)
        local last = ""
        for line in (read(log) or ""):gmatch("[^\r\n]+") do last = line end
        os.remove(log)
        return last
    end

    -- Return true where the page can be opened without a console window.
    function bridge.opens_quietly()
        return not windows or programs.opens_addresses()
    end

    -- Open the page in the user's browser, at a job if one is named; returns words where a browser is not sure.
    function bridge.open_page(job)
        if programs.opens_addresses() then
            local address = bridge.must("POST", "/v1/tickets").url .. (job and "#job=" .. job or "")
            if programs.open_address(address) then
                return "Open " .. address .. " within a minute if the emsync page has not opened in your browser."
            end
        end
        local last = bridge.run(" --open" .. (job and " --job " .. job or ""))
        if last:find("http", 1, true) and last:sub(1, 4) ~= "http" then return last:gsub("%.?$", ".", 1), nil end
    end

    function bridge.connect()
        if bridge.probe() then return end
        voice.say("Starting the emsync bridge ...")
        bridge.over = quiet
        if programs.start_windowless(settings.windowless or "") then
            local limit = os.time() + (settings.start_seconds or WINDOWLESS_SECONDS)
            repeat
                bridge.pause(0.25)
                if bridge.probe() then return end
            until os.time() >= limit
        end
        local last = bridge.run("")
        if not bridge.probe() then
            words.plain("The emsync bridge did not start%s Run 'emsync serve' in a terminal to see why; if emsync was "
                .. "moved or removed, run 'emsync resolve install' again.", last ~= "" and ": " .. last or ".")
        end
    end

    local function progress(record)
        local step = type(record) == "table" and (record.progress or record)
        if type(record) == "table" and record.state == "queued" then return "Waiting for another job to end ..." end
        if type(step) ~= "table" or not step.step then return "Working ..." end
        local quarter = math.floor(4 * math.max(0, math.min(1, tonumber(step.share) or 0))) * 25
        return quarter > 0 and string.format("%s ... %d %%", step.step, quarter) or step.step .. " ..."
    end

    local told
    local function tell(line)
        if line ~= told then voice.say(line) end
        told = line
    end

    -- Say how a job goes on until its stream of events ends; curl waits, so that nothing has to be polled.
    local function follow(job)
        if bridge.over ~= "curl" then return end
        local pipe, config = curl("GET", "/v1/jobs/" .. job .. "/events", nil, 3600, true)
        if not pipe then return end
        for line in pipe:lines() do
            local event = line:match("^data: ?(.*)")
            local document = event and decoded(event)
            if type(document) == "table" and document.step then tell(progress(document)) end
        end
        pipe:close()
        os.remove(config)
    end

    -- Wait until a job has ended and return its record; stops with a sentence where it did not end well.
    function bridge.wait(job, alive)
        local away = 0
        while true do
            local status, record = bridge.ask("GET", "/v1/jobs/" .. job)
            if status == 0 then
                away = away + 1
                if away > 10 then
                    words.plain("The emsync bridge has gone while it worked. Nothing was changed in the timeline. "
                        .. "Click again; 'emsync serve' in a terminal shows why it ends.")
                end
                bridge.pause(1)
                bridge.probe() -- it may have come back elsewhere
            elseif status ~= 200 or type(record) ~= "table" then
                words.plain("The emsync bridge refused: " .. bridge.said(record, "the job is not there any more"))
            elseif record.state == "done" then
                return record
            elseif record.state == "failed" or record.state == "cancelled" then
                words.plain(bridge.ending(record))
            else
                away = 0
                tell(progress(record))
                if not alive() then
                    words.plain("Resolve has been closed. The music goes on being made; find it on the emsync page.")
                end
                follow(job)
                bridge.pause(0.4)
            end
        end
    end

    function bridge.ending(record)
        if record.state == "cancelled" then return "The job was cancelled. Nothing was changed in the timeline." end
        return "It did not work: " .. bridge.said(record, "the bridge gives no reason")
            .. " Nothing was changed in the timeline."
    end

    function bridge.report(text)
        voice.note(text)
        if bridge.address or select(2, pcall(bridge.find)) == true then
            pcall(bridge.ask, "POST", "/v1/log", { source = "resolve menu (Lua)", message = text:sub(-8000) }, 3)
        end
    end

    return bridge
end
