-- The menu entries: one function each, and the way in that never fails silently.
return function(settings)
    local menu = {}
    local REMEMBERED = { "read", "emotion", "render", "music", "takes" } -- what takes have in common
    local IDLE_MINUTES, POLL_SECONDS, PARENTS = 30, 20, 20
    local LENGTH_TOLERANCE = 0.02 -- share of a timeline's length: a few shots may have been trimmed

    -- Do what an entry stands for and say in words how it went.
    function menu.run(entry, host)
        local loaded, voice, bridge = {}, nil, nil
        local function load(name)
            if loaded[name] == nil then
                local made = dofile(settings.helpers .. "/lua/" .. name .. ".lua")
                loaded[name] = type(made) == "function" and made(load, settings, host, voice) or made
            end
            return loaded[name]
        end
        local words = load("words")
        voice = { note = function() end }
        function voice.say(text) print("emsync: " .. text) end
        math.randomseed(os.time() + math.floor(os.clock() * 1000000))
        local function work()
            bridge = load("bridge")
            local logging = words.voice(bridge.home .. "/resolve.log")
            voice.say, voice.note = logging.say, logging.note
            voice.say(menu.entries(load, bridge, voice)[entry]())
        end
        local done, problem = xpcall(work, function(raised)
            if type(raised) == "table" then return raised end
            return { unexpected = tostring(raised) .. "\n" .. debug.traceback() }
        end)
        if done then return end
        local said = problem.plain
        if not said then
            said = "Something went wrong that emsync did not expect ("
                .. tostring(problem.unexpected or problem.json):match("^[^\n]*")
                .. "). Resolve may be busy or show a dialog: close it and click again."
        end
        voice.say(said)
        if bridge then pcall(bridge.report, problem.unexpected or said) end
    end

    function menu.entries(load, bridge, voice)
        local words, timeline, placing, keeping = load("words"), load("timeline"), load("placing"), load("state")
        local plain = words.plain
        local resolve = timeline.find_resolve()
        local entries = {}
        local refused = {} -- jobs whose length does not fit; a second order places them

        local function alive() return timeline.alive(resolve) end

        local function send(desk, reading, request)
            local source, stem = timeline.export(desk, reading, bridge.address.exchange .. "/exports")
            request.source, request.editor, request.client = source, timeline.editor(reading), "resolve"
            if settings.music ~= "" then
                request.out = settings.music .. "/" .. timeline.safe_name(reading.project) .. "/" .. stem
            end
            local sent, record = pcall(bridge.must, "POST", "/v1/jobs", request)
            if not sent then
                os.remove(source)
                error(record, 0)
            end
            return record
        end

        -- Have music made for the open timeline and place it.
        local function made(desk, reading, kept, request)
            local record = send(desk, reading, request)
            voice.say((request.kind == "conform" and "Conforming '" or "Scoring '") .. reading.name .. "': job "
                .. record.id .. ".")
            if settings.follow and bridge.opens_quietly() then -- where the Console is closed, as a rule
                local by_hand = bridge.open_page(record.id)
                if by_hand then voice.say("Note: " .. by_hand) end
            end
            local done = bridge.wait(record.id, alive)
            for _, warning in ipairs(done.result and done.result.warnings or {}) do voice.say("Note: " .. warning) end
            local common = {}
            for _, name in ipairs(REMEMBERED) do common[name] = request[name] end
            if not pcall(kept.save, { job = record.id, seed = request.seed or 1, request = common }) then
                voice.say("Note: this score cannot be remembered for 'Score again'.")
            end
            local found = done.result and done.result.conform and done.result.conform.identical
            local said = found and string.format("%.1f of %.1f s of the music are as before. ",
                found.seconds, found.of_seconds) or ""
            return said .. placing.place(desk, reading, done, kept)
        end

        local function score(between, again)
            local desk = timeline.open(resolve)
            local reading = timeline.read(desk)
            local kept = keeping(bridge.home, reading.identity)
            local request = { kind = "score", seed = 1 }
            if again then
                if type(kept.document.request) ~= "table" then
                    plain("This timeline has not been scored yet. Use 'Score this timeline' first.")
                end
                for name, value in pairs(kept.document.request) do request[name] = value end
                request.seed = ((tonumber(kept.document.seed) or 1) + 1) % 4294967296
            end
            if between then
                local first, after = timeline.marks(desk, reading)
                local seconds = { timeline.seconds(reading, first), timeline.seconds(reading, after) }
                request.read = { between = seconds }
            end
            bridge.connect()
            return made(desk, reading, kept, request)
        end

        -- Return the last job that scored a timeline of a project, for a copy of that timeline.
        local function last_score(project)
            for _, record in ipairs(bridge.must("GET", "/v1/jobs?limit=1000")) do
                local editor = record.request and record.request.editor or {}
                local scored = record.kind == "score" or record.kind == "conform"
                if scored and record.state == "done" and editor.project == project then return record.id end
            end
        end

        -- Carry the music over to the open timeline, whose cut has changed.
        function entries.conform()
            local desk = timeline.open(resolve)
            local reading = timeline.read(desk)
            bridge.connect()
            local kept = keeping(bridge.home, reading.identity)
            local job = kept.document.job or last_score(reading.project)
            if not job then plain("Nothing in this project has been scored yet. Use 'Score this timeline' first.") end
            return made(desk, reading, kept, { kind = "conform", job = job })
        end

        function entries.score() return score(false, false) end
        function entries.between() return score(true, false) end
        function entries.again() return score(false, true) end

        function entries.remove()
            local desk = timeline.open(resolve)
            return placing.remove(desk, keeping(bridge.home, timeline.identity(desk.timeline)))
        end

        function entries.play()
            local desk = timeline.open(resolve)
            local job = keeping(bridge.home, timeline.identity(desk.timeline)).document.job
            if not job then plain("This timeline has not been scored yet. Use 'Score this timeline' first.") end
            bridge.connect()
            local stopped = false
            for _, record in ipairs(bridge.must("GET", "/v1/jobs?limit=50")) do
                if record.kind == "live" and (record.state == "queued" or record.state == "running") then
                    bridge.must("POST", "/v1/jobs/" .. record.id .. "/cancel")
                    stopped = true
                end
            end
            if stopped then return "Stopped playing. Click 'Play live' again to play from the start." end
            local record = bridge.must("POST", "/v1/jobs", { kind = "live", job = job, client = "resolve" })
            local limit, well = os.time() + 15, 0
            while os.time() < limit and well < 3 do -- running for a second
                bridge.pause(0.4)
                local now = bridge.must("GET", "/v1/jobs/" .. record.id)
                if now.state == "failed" or now.state == "cancelled" then plain(bridge.ending(now)) end
                if now.state == "running" then well = well + 1 end
            end
            return "Playing the music of '" .. words.maybe(desk.timeline, "GetName", "")
                .. "' live. Click 'Play live' again to stop."
        end

        -- Return the request that began a chain of takes and recomposed sections.
        local function origin_of(record)
            local request = record.request or {}
            for _ = 1, PARENTS do
                if not request.job or request.source then break end -- a conform has a timeline of its own
                local status, parent = bridge.ask("GET", "/v1/jobs/" .. request.job)
                if status ~= 200 then break end
                request = parent.request or {}
            end
            return request
        end

        local function place_job(job)
            local record = bridge.must("GET", "/v1/jobs/" .. job)
            if record.state ~= "done" then plain("This job is not finished: " .. bridge.said(record, record.state)) end
            local origin = origin_of(record)
            local desk = timeline.open(resolve)
            local reading = timeline.read(desk)
            local made_for = origin.editor and origin.editor.timeline or ""
            if made_for ~= "" and made_for ~= reading.name then
                plain("This music is for '%s'. Open that timeline in Resolve first.", made_for)
            end
            if not origin.editor and not refused[job] then
                local music = placing.music(record, reading)
                if math.abs(music.frames - reading.frames) > math.max(1, LENGTH_TOLERANCE * reading.frames) then
                    refused[job] = true
                    plain("This music is %.1f s long and the open timeline '%s' %.1f s, so it may be for another one. "
                        .. "Nothing was placed. Place it again to put it there all the same.",
                        timeline.seconds(reading, music.frames), reading.name,
                        timeline.seconds(reading, reading.frames))
                end
            end
            if origin.read then record.request = origin end
            local kept = keeping(bridge.home, reading.identity)
            local said = placing.place(desk, reading, record, kept)
            kept.save({ job = job })
            return said
        end

        local function obey(editor, order)
            local done, said = pcall(place_job, order.place)
            if not done then
                if type(said) ~= "table" or not said.plain then error(said, 0) end
                said = said.plain
            end
            voice.say(said)
            local state = done and "placed" or "failed"
            bridge.must("POST", "/v1/editors/" .. editor .. "/orders/" .. order.order, { state = state, message = said })
        end

        -- Open the page and write back what is chosen there, until nobody needs that any more.
        function entries.page()
            timeline.open(resolve)
            bridge.connect()
            voice.say((bridge.open_page() or "The emsync page is open in your browser.")
                .. " This entry stays and writes back what you choose there; it ends by itself after " .. IDLE_MINUTES .. " minutes without an order, or with Resolve.")
            local idle = (settings.idle_minutes or IDLE_MINUTES) * 60
            local here, editor, last = nil, nil, os.time()
            while os.time() - last < idle do
                if not alive() then return "Resolve has been closed, so this entry has ended." end
                local opened, desk = pcall(timeline.open, resolve)
                local now = opened and timeline.identity(desk.timeline) or ""
                if not editor or now ~= here then
                    here = now
                    local about = { name = "resolve", project = "", timeline = "" }
                    if opened then
                        about.project = words.maybe(desk.project, "GetName", "")
                        about.timeline = words.maybe(desk.timeline, "GetName", "")
                    end
                    editor = bridge.must("POST", "/v1/editors", about).id
                end
                local wait = math.min(POLL_SECONDS, idle)
                local path = "/v1/editors/" .. editor .. "/orders?wait=" .. wait
                local status, order = bridge.ask("GET", path, nil, wait + 10)
                if status == 200 and order and order.order then
                    obey(editor, order)
                    last = os.time()
                elseif status ~= 200 then
                    editor = nil
                    if not bridge.probe() then return "The emsync bridge has ended, so this entry has ended too." end
                end
            end
            return string.format("Nothing was ordered for %g minutes, so this entry has ended. Click it again when you "
                .. "need it.", idle / 60)
        end

        function entries.check()
            local product, python = timeline.product(resolve)
            voice.say(product .. ": Lua entries run. " .. (python
                and "Python entries run too; if you see none in the submenu 'emsync', Resolve has found no Python: "
                .. "'emsync resolve status' in a terminal says what to do."
                or "This edition lists no Python entries: use those under 'emsync Lua'."))
            local problems = {}
            local function try(look)
                local worked, problem = pcall(look)
                if worked then return end
                if type(problem) ~= "table" or not problem.plain then error(problem, 0) end
                problems[#problems + 1] = problem.plain
            end
            try(function()
                local reading = timeline.read(timeline.open(resolve))
                voice.say(string.format("Timeline '%s' of project '%s': %d frames at %s%s from frame %d, %d marker(s).",
                    reading.name, reading.project, reading.frames, reading.rate.text,
                    reading.rate.drop and " drop frame" or "", reading.start, #reading.markers))
                local formats = table.concat(timeline.formats(resolve), ", ")
                if formats == "" then plain("This version of Resolve exports no format that emsync reads.") end
                voice.say("It exports " .. formats .. ".")
            end)
            try(function()
                bridge.connect()
                local status = bridge.must("GET", "/v1/status")
                local way = bridge.over == "curl" and "curl" or "files"
                voice.say("The emsync bridge " .. tostring(status.version) .. " answers (by " .. way .. ").")
                if status.version ~= settings.version then
                    plain("These entries are of emsync %s: run 'emsync resolve install' again.", settings.version)
                end
            end)
            for _, problem in ipairs(problems) do voice.say(problem) end
            if #problems > 0 then return #problems .. " thing(s) above need your attention." end
            return "Everything that emsync needs is there."
        end

        return entries
    end

    return menu
end
