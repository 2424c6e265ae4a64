-- Resolve from the handle to the open timeline: what is read of it, and its export.
return function(load, settings, host, voice)
    local json, words, programs = load("json"), load("words"), load("programs")
    local timeline = {}
    local maybe, whole, there, plain = words.maybe, words.whole, words.there, words.plain

    -- What the cut is exported as, best first: name, Resolve's constant, suffix, and what gets lost.
    local EXPORTS = {
        { "OTIO", "EXPORT_OTIO", ".otio", "" },
        { "FCPXML 1.10", "EXPORT_FCPXML_1_10", ".fcpxml", " It can lose an audio track." },
        { "Final Cut Pro 7 XML", "EXPORT_FCP_7_XML", ".xml", "" },
        { "EDL", "EXPORT_EDL", ".edl", " An EDL holds one video track and no media paths." },
    }

    -- Return the handle, by the ways in which menu scripts were seen to get it.
    function timeline.find_resolve()
        local ways = {
            function() return host.resolve end,
            function() return host.bmd.scriptapp("Resolve") end,
            function() return host.app:GetResolve() end,
        }
        for _, way in ipairs(ways) do
            local worked, found = pcall(way)
            if worked and found ~= nil then return found end
        end
        plain("Resolve cannot be reached from this script. Start it from Workspace > Scripts inside Resolve.")
    end

    -- Return edition and version as words, and whether the edition lists Python entries.
    function timeline.product(resolve)
        local name = maybe(resolve, "GetProductName", "DaVinci Resolve")
        local version = maybe(resolve, "GetVersion", {})
        local numbers = {}
        for index = 1, 3 do numbers[index] = tonumber(version[index]) end
        local late = (numbers[1] or 0) > 21 or (numbers[1] == 21 and (numbers[2] or 0) >= 1)
        return name .. " " .. table.concat(numbers, "."), name:find("Studio") ~= nil or not late
    end

    function timeline.alive(resolve)
        return maybe(resolve, "GetProductName", "") ~= ""
    end

    -- Go from Resolve to its open timeline; stops with a sentence that names the missing link.
    function timeline.open(resolve)
        local manager = there(maybe(resolve, "GetProjectManager"),
            "Resolve does not give access to its projects. Restart Resolve.")
        there(maybe(manager, "GetCurrentDatabase"),
            "Resolve does not say which project library is open, so it is busy or hangs. Close its dialogs, wait, and "
            .. "click again; restart Resolve if that does not help.")
        local project = there(maybe(manager, "GetCurrentProject"),
            "No project is open. Open one in the Project Manager, then click again.")
        local pool = there(maybe(project, "GetMediaPool"),
            "Resolve does not give access to the media pool. Restart Resolve.")
        local open = there(maybe(project, "GetCurrentTimeline"),
            "No timeline is open. Open the one to score on the Edit page, then click again.")
        return { resolve = resolve, project = project, pool = pool, timeline = open }
    end

    -- Read a rate such as "29.97 DF": frames per second as two whole numbers, as text, and whether timecode drops.
    function timeline.rate(text)
        local number = tonumber(tostring(text):match("^%s*(%d+%.?%d*)"))
        if not number or number < 1 or number > 1000 then
            plain("Resolve gives no frame rate for this timeline (it says '%s').", tostring(text))
        end
        local nominal = math.floor(number + 0.5)
        local over, under = nominal, 1
        if nominal ~= number then over, under = nominal * 1000, 1001 end
        if math.abs(over / under - number) > 0.01 then over, under = math.floor(number * 1000 + 0.5), 1000 end
        local written = string.format("%.6g", number):gsub(",", ".")
        return { over = over, under = under, text = written, drop = tostring(text):upper():find(" DF%s*$") ~= nil }
    end

    function timeline.identity(of)
        local known = maybe(of, "GetUniqueId", "")
        return known ~= "" and known or maybe(of, "GetName", "")
    end

    -- Whether custom data is that of a marker that emsync made: job and number.
    function timeline.is_our_marker(custom)
        return type(custom) == "string" and custom:match("^emsync:[%w_.-]+:%d+$") ~= nil
    end

    local function markers_of(open, frames)
        local found = json.as_list({})
        for frame, marker in pairs(maybe(open, "GetMarkers", {})) do
            if not timeline.is_our_marker(marker.customData) and whole(frame) >= 0 and whole(frame) < frames then
                found[#found + 1] = {
                    frame = whole(frame),
                    color = tostring(marker.color or ""),
                    name = tostring(marker.name or ""):sub(1, 1000),
                    note = tostring(marker.note or ""):sub(1, 10000),
                    duration = math.max(1, whole(marker.duration or 1)),
                }
            end
        end
        table.sort(found, function(one, other) return one.frame < other.frame end)
        return found
    end

    -- Ask Resolve for everything but the cut. The start is absolute; markers count from it.
    function timeline.read(desk)
        local open, project = desk.timeline, desk.project
        local text = maybe(open, "GetSetting", "", "timelineFrameRate")
        if text == "" then text = maybe(project, "GetSetting", "", "timelineFrameRate") end -- a number on some versions
        local rate = timeline.rate(text)
        if tostring(maybe(open, "GetSetting", "", "timelineDropFrameTimecode")) == "1" then rate.drop = true end
        local first, last = maybe(open, "GetStartFrame"), maybe(open, "GetEndFrame")
        if not first or not last then
            plain("Resolve does not say where this timeline starts and ends. Close and open it, then try again.")
        end
        first, last = whole(first), whole(last)
        if last <= first then plain("This timeline is empty. Put the cut into it first.") end
        return {
            identity = timeline.identity(open),
            project = maybe(project, "GetName", ""),
            name = maybe(open, "GetName", ""),
            start = first,
            frames = last - first,
            rate = rate,
            markers = markers_of(open, last - first),
        }
    end

    function timeline.seconds(reading, frames)
        return frames * reading.rate.under / reading.rate.over
    end

    -- Return what the bridge is told beside the export.
    function timeline.editor(reading)
        return {
            start_frame = reading.start,
            rate = reading.rate.text,
            drop_frame = reading.rate.drop,
            markers = reading.markers,
            project = reading.project:sub(1, 1000),
            timeline = reading.name:sub(1, 1000),
        }
    end

    -- Return the first frame between the marks and the one after the last, from the timeline's start.
    function timeline.marks(desk, reading)
        local marks = maybe(desk.timeline, "GetMarkInOut")
        if not marks then
            plain("This version of Resolve does not tell scripts where the in and out marks are. "
                .. "It needs Resolve 20. Use 'Score this timeline'.")
        end
        local chosen = marks.video or marks.audio or {}
        local into, out = chosen["in"], chosen["out"]
        if not into and not out then
            plain("No in or out mark is set. Set them on the Edit page with I and O, then click again.")
        end
        local first = math.max(0, whole(into or 0))
        local after = out and math.min(reading.frames, whole(out) + 1) or reading.frames
        if after <= first then plain("The out mark is not after the in mark. Set them again, then click again.") end
        return first, after
    end

    -- Return a name that every file system takes.
    function timeline.safe_name(text)
        local name = text:gsub("[^%w _-]+", "_"):gsub("^[ _]+", ""):sub(1, 60):gsub("[ _]+$", "")
        return name ~= "" and name or "timeline"
    end

    local function holds_something(path)
        local file = io.open(path, "rb")
        local something = file ~= nil and file:read(1) ~= nil -- a folder opens too, but cannot be read
        if file then file:close() end
        return something
    end

    -- Return the file that an export left; true from Resolve alone is no proof.
    local function written(path)
        if holds_something(path .. "/Info.fcpxml") then
            local flat = path:gsub("%.fcpxml$", ".flat.fcpxml")
            os.rename(path .. "/Info.fcpxml", flat)
            os.remove(path)
            if os.rename(flat, path) then return path end
            return flat
        end
        return holds_something(path) and path or nil
    end

    -- Export the cut into the bridge's folder in the best format that this Resolve knows; returns file and stem.
    function timeline.export(desk, reading, folder)
        programs.make_folder(folder) -- the bridge makes it too, but it may have been removed meanwhile
        local stem = timeline.safe_name(reading.name) .. "-" .. os.date("%Y%m%d-%H%M%S")
        if holds_something(folder .. "/" .. stem .. ".otio") then stem = stem .. "-" .. math.random(1000000) end
        for _, export in ipairs(EXPORTS) do
            local name, constant, suffix, loss = unpack(export)
            local known, kind = pcall(function() return desk.resolve[constant] end)
            if known and kind ~= nil and type(kind) ~= "function" then
                local path = folder .. "/" .. stem .. suffix
                maybe(desk.timeline, "Export", false, path, kind, desk.resolve.EXPORT_NONE)
                local file = written(path)
                if file then
                    if suffix ~= ".otio" then
                        voice.say("This Resolve gave no OTIO export, so the cut went over as " .. name .. "." .. loss)
                    end
                    return file, stem
                end
            end
        end
        plain("Resolve could not export this timeline in any format that emsync reads (tried OTIO, FCPXML 1.10, Final "
            .. "Cut Pro 7 XML, EDL). Check that %s can be written to, and that Resolve shows no open dialog.", folder)
    end

    -- Return what the user has set and scripts may move: page, playhead, in and out marks.
    function timeline.view(desk)
        return {
            page = maybe(desk.resolve, "GetCurrentPage"),
            playhead = maybe(desk.timeline, "GetCurrentTimecode", ""),
            marks = maybe(desk.timeline, "GetMarkInOut"),
        }
    end

    -- Put it back where it has changed: AppendToTimeline moves the playhead on some versions.
    function timeline.restore(desk, view)
        local open = desk.timeline
        if view.page and maybe(desk.resolve, "GetCurrentPage", view.page) ~= view.page then
            maybe(desk.resolve, "OpenPage", false, view.page)
        end
        if view.playhead ~= "" and maybe(open, "GetCurrentTimecode", view.playhead) ~= view.playhead then
            maybe(open, "SetCurrentTimecode", false, view.playhead)
        end
        local now = maybe(open, "GetMarkInOut", {})
        for _, kind in ipairs({ "video", "audio" }) do
            local was, is = (view.marks or {})[kind] or {}, now[kind] or {}
            if was["in"] and was.out and (was["in"] ~= is["in"] or was.out ~= is.out) then
                maybe(open, "SetMarkInOut", false, whole(was["in"]), whole(was.out), kind)
            end
        end
    end

    function timeline.formats(resolve)
        local names = {}
        for _, export in ipairs(EXPORTS) do
            local known, kind = pcall(function() return resolve[export[2]] end)
            if known and kind ~= nil and type(kind) ~= "function" then names[#names + 1] = export[1] end
        end
        return names
    end

    return timeline
end
