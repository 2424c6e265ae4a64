-- Putting a finished job into the timeline, and taking all that emsync put there out again.
return function(load, settings, host, voice)
    local words, timeline, hits = load("words"), load("timeline"), load("hits")
    local placing = {}
    local maybe, whole, plain = words.maybe, words.whole, words.plain

    local BIN = "emsync"
    local TOLERANCE = 1 -- frames; Resolve rounds down where the sound's rate is not the timeline's

    -- Return a path in the one spelling that paths are compared in.
    local function spelled(path)
        path = tostring(path)
        return settings.system == "win32" and path:gsub("/", "\\"):lower() or path
    end

    local function same_file(one, other)
        return spelled(one) == spelled(other)
    end

    -- Return the sound files that were ever placed, to look one up in.
    local function known_sounds(kept)
        local known = {}
        for _, path in ipairs(kept.sounds()) do known[spelled(path)] = true end
        return known
    end

    local function path_of(item)
        local source = maybe(item, "GetMediaPoolItem")
        return source and maybe(source, "GetClipProperty", "", "File Path") or ""
    end

    local function plays(item, sounds)
        local path = path_of(item)
        return path ~= "" and sounds[spelled(path)] == true
    end

    local function tracks(open)
        return whole(maybe(open, "GetTrackCount", 0, "audio"))
    end

    local function is_our_name(name)
        return type(name) == "string" and name:match("^emsync %d+$") ~= nil
    end

    -- Return where a job's music begins, in frames from the timeline's start.
    local function first_frame(record, rate)
        local between = record.request and record.request.read and record.request.read.between
        return between and whole(between[1] * rate.over / rate.under) or 0
    end

    -- Return what a finished job has to be placed; stops with a sentence where it cannot be.
    function placing.music(record, reading)
        local path = record.files and record.files.audio
        local cue = record.result and record.result.cue
        if not path or type(cue) ~= "table" then plain("This job made no music that could be placed.") end
        local file = io.open(path, "rb")
        -- Lua on Windows opens no path with letters outside the code page; Resolve itself does
        if not file and not (settings.system == "win32" and path:find("[^ -~]")) then
            plain("The music of this job is not there any more (%s). Score again.", path)
        end
        if file then file:close() end
        local over, under = tostring(cue.spotting.rate):match("^(%d+)/?(%d*)")
        over, under = tonumber(over), tonumber(under) or 1
        if over * reading.rate.under ~= reading.rate.over * under then
            plain("The music was made for %.6g frames per second, and this timeline has %.6g. Score this timeline.",
                over / under, reading.rate.over / reading.rate.under)
        end
        local frames = whole(cue.spotting.duration * over / under)
        local first = first_frame(record, reading.rate)
        return { path = path, frames = frames, frame = reading.start + first, first = first, rate = reading.rate }
    end

    local function bin_in(root)
        for _, folder in ipairs(maybe(root, "GetSubFolderList", {})) do
            if maybe(folder, "GetName", "") == BIN then return folder end
        end
    end

    local function clip_of(clips, path)
        for _, clip in ipairs(clips or {}) do
            if same_file(maybe(clip, "GetClipProperty", "", "File Path"), path) then return clip end
        end
    end

    local function import_sound(desk, path)
        local pool = desk.pool
        local before = maybe(pool, "GetCurrentFolder")
        local root = maybe(pool, "GetRootFolder")
        local folder = root and bin_in(root)
        if root and not folder then
            maybe(pool, "AddSubFolder", nil, root, BIN)
            folder = bin_in(root)
        end
        if folder then maybe(pool, "SetCurrentFolder", false, folder) end
        local clip = maybe(pool, "ImportMedia", {}, { path })[1]
        -- Resolve's answer is no proof: it may be empty though the clip is there, as after an earlier import.
        for _, place in ipairs({ folder or root, maybe(pool, "GetCurrentFolder", folder) }) do
            clip = clip or clip_of(maybe(place, "GetClipList", {}), path)
        end
        if before then maybe(pool, "SetCurrentFolder", false, before) end
        if not clip then
            plain("Resolve did not take the music into the media pool. Nothing was changed in the timeline. "
                .. "The music is in %s: drag it in by hand.", path)
        end
        return clip
    end

    -- Return the music's length in frames of the clip, which keeps the rate that the project had at its import.
    local function source_frames(clip, music)
        local read, rate = pcall(timeline.rate, maybe(clip, "GetClipProperty", "", "FPS"))
        if not read then return music.frames end
        local over, under = music.frames * music.rate.under * rate.over, music.rate.over * rate.under
        if over % under == 0 then return over / under end
        local available = tonumber(maybe(clip, "GetClipProperty", "", "Frames")) or 0
        local length = math.floor(over / under)
        return math.max(1, available > 0 and math.min(length + 1, available) or length)
    end

    local function drop_track(open, index, name)
        if index ~= tracks(open) or #maybe(open, "GetItemListInTrack", {}, "audio", index) > 0 then return end
        local now = maybe(open, "GetTrackName", "", "audio", index)
        if now == "" or now == name or now == "Audio " .. index then
            maybe(open, "DeleteTrack", false, "audio", index)
        end
    end

    local function new_track(desk)
        local open, names, number = desk.timeline, {}, 1
        local before = tracks(open)
        for index = 1, before do names[maybe(open, "GetTrackName", "", "audio", index)] = true end
        while names["emsync " .. number] do number = number + 1 end
        local name = "emsync " .. number
        maybe(open, "AddTrack", false, "audio", "stereo")
        local index = tracks(open)
        if index == before then
            maybe(open, "AddTrack", false, "audio", { audioType = "stereo" }) -- the other form that is documented
            index = tracks(open)
        end
        if index ~= before + 1 then
            plain("Resolve did not add an audio track. Close its dialogs and try again. "
                .. "Nothing was changed in the timeline.")
        end
        maybe(open, "SetTrackName", false, "audio", index, name)
        if maybe(open, "GetTrackSubType", "stereo", "audio", index):lower() ~= "stereo"
            or maybe(open, "GetTrackName", "", "audio", index) ~= name then
            drop_track(open, index, name)
            plain("Resolve did not make the new track as asked (stereo, named '%s'). Try again.", name)
        end
        return index, name
    end

    -- Delete clips without closing the gap; Resolve refuses that on the Fairlight page, so it is left for a moment.
    local function delete_items(desk, items)
        if #items == 0 or maybe(desk.timeline, "DeleteClips", false, items, false) then return end
        local page = maybe(desk.resolve, "GetCurrentPage")
        if page == "edit" then return end
        maybe(desk.resolve, "OpenPage", false, "edit")
        maybe(desk.timeline, "DeleteClips", false, items, false)
        if page then maybe(desk.resolve, "OpenPage", false, page) end
    end

    local function ours_of(items, sounds)
        local ours = {}
        for _, item in ipairs(items) do
            if plays(item, sounds) then ours[#ours + 1] = item end
        end
        return ours
    end

    local function lay(desk, clip, music)
        local open = desk.timeline
        local index, name = new_track(desk)
        local function append(after)
            maybe(desk.pool, "AppendToTimeline", {}, { {
                mediaPoolItem = clip,
                startFrame = 0,
                endFrame = after, -- the frame after the last
                mediaType = 2,
                trackIndex = index,
                recordFrame = music.frame,
            } })
            return maybe(open, "GetItemListInTrack", {}, "audio", index)
        end
        local after = source_frames(clip, music)
        local items = append(after)
        -- Some versions take endFrame as the last frame, and refuse one past the file's end.
        if #items == 0 and after > 1 then items = append(after - 1) end
        -- The track was empty a moment ago, and Resolve may keep a clip's path to itself or spell it differently.
        local function may_be(item)
            local said = path_of(item)
            return said == "" or same_file(said, music.path) or same_file(said, music.spelled)
        end
        if #items == 1 and may_be(items[1]) then
            local start, length = maybe(items[1], "GetStart"), maybe(items[1], "GetDuration")
            local there = start and length and whole(start) == music.frame
            if there and math.abs(whole(length) - music.frames) <= TOLERANCE then return index, name, whole(length) end
        end
        local all_ours = true
        for _, item in ipairs(items) do all_ours = all_ours and may_be(item) end
        if all_ours then delete_items(desk, items) end
        drop_track(open, index, name)
        local now = maybe(desk.project, "GetCurrentTimeline")
        if now and timeline.identity(now) ~= timeline.identity(open) then
            local here = maybe(now, "GetItemListInTrack", {}, "audio", index)
            local strayed = ours_of(here, { [spelled(music.path)] = true })
            if #strayed > 0 then maybe(now, "DeleteClips", false, strayed, false) end
            plain("Another timeline was opened while the music was being placed, so it was taken out again. Open the "
                .. "timeline that was scored and write back from the emsync page. The music is in %s.", music.path)
        end
        if tracks(open) >= index then
            plain("Resolve did not place the music where it belongs, and it could not be taken out again: delete the "
                .. "track '%s', or use 'Remove emsync results'. The music is in %s.", name, music.path)
        end
        plain("Resolve did not place the music where it belongs, so it was taken out again. "
            .. "The music is in %s: drag it in by hand, or try again.", music.path)
    end

    local function silence_earlier(open, index, sounds)
        local off = {}
        for number = 1, tracks(open) do
            local name = maybe(open, "GetTrackName", "", "audio", number)
            local items = maybe(open, "GetItemListInTrack", {}, "audio", number)
            local all_ours = #items > 0 and #ours_of(items, sounds) == #items
            if number ~= index and is_our_name(name) and all_ours
                and maybe(open, "GetIsTrackEnabled", true, "audio", number) then
                maybe(open, "SetTrackEnable", false, "audio", number, false)
                off[#off + 1] = name
            end
        end
        return off
    end

    -- Put the music of a finished job on a track of its own, with its markers; returns what was done, in words.
    function placing.place(desk, reading, record, kept)
        local music = placing.music(record, reading)
        local now = maybe(desk.project, "GetCurrentTimeline")
        if not now or timeline.identity(now) ~= reading.identity then
            plain("Another timeline is open now, so nothing was placed. Open '%s' again and write back from the emsync "
                .. "page. The music is in %s.", reading.name, music.path)
        end
        if whole(maybe(desk.timeline, "GetStartFrame", -1)) ~= reading.start then
            plain("The timeline's start has been moved meanwhile, so nothing was placed. Score it again.")
        end
        local view = timeline.view(desk)
        local earlier = known_sounds(kept)
        local clip = import_sound(desk, music.path)
        kept.add_sound(music.path)
        music.spelled = maybe(clip, "GetClipProperty", "", "File Path")
        if music.spelled ~= "" and music.spelled ~= music.path then kept.add_sound(music.spelled) end
        local laid, index, name, length = pcall(lay, desk, clip, music)
        if not laid then
            timeline.restore(desk, view)
            error(index, 0)
        end
        local marked = hits.replace(desk.timeline, record, music.first, reading.frames)
        local made, moved, left_out = marked.made, marked.moved, marked.left_out
        local off = silence_earlier(desk.timeline, index, earlier)
        timeline.restore(desk, view)
        if marked.chosen < marked.all then
            voice.say("Note: " .. marked.chosen .. " of " .. marked.all .. " hits have a marker. 'emsync resolve install "
                .. "--most-markers NUMBER' changes how many get one.")
        end
        if length ~= music.frames then
            local frames = math.abs(length - music.frames)
            voice.say("Note: Resolve made the clip " .. frames .. " frame(s) shorter or longer.")
        end
        if moved > 0 then
            voice.say("Note: " .. moved .. " marker(s) stand a frame or two beside their place, because others are there.")
        end
        if left_out > 0 then
            voice.say("Note: " .. left_out .. " marker(s) found no free frame and were left out.")
        end
        local from = music.first == 0 and "the start" or string.format("%.2f s", timeline.seconds(reading, music.first))
        return string.format("Done. %.1f s of music from %s on track A%d '%s', and %d marker(s).%s Nothing else was "
            .. "changed; the project is not saved.", timeline.seconds(reading, music.frames), from, index, name, made,
            #off > 0 and " Switched off: " .. table.concat(off, ", ") .. "." or "")
    end

    -- Take everything out of the timeline that emsync put there, and nothing else; returns what was done, in words.
    function placing.remove(desk, kept)
        local open, sounds = desk.timeline, known_sounds(kept)
        local clips, gone_tracks, elsewhere, stayed = 0, 0, 0, {}
        for index = tracks(open), 1, -1 do -- from the last, for numbers move up
            local name = maybe(open, "GetTrackName", "", "audio", index)
            local items = maybe(open, "GetItemListInTrack", {}, "audio", index)
            local ours = ours_of(items, sounds)
            if not is_our_name(name) then
                elsewhere = elsewhere + #ours
            elseif #ours > 0 or (#items == 0 and next(sounds)) then
                if maybe(open, "GetIsTrackLocked", false, "audio", index) then
                    stayed[#stayed + 1] = "'" .. name .. "' is locked"
                else
                    delete_items(desk, ours)
                    local left = maybe(open, "GetItemListInTrack", {}, "audio", index)
                    local gone = #items - #left
                    clips = clips + gone
                    if #left > 0 then
                        local why = gone == #ours and "holds clips of yours" or "could not be emptied"
                        stayed[#stayed + 1] = "'" .. name .. "' " .. why
                    else
                        local before = tracks(open)
                        maybe(open, "DeleteTrack", false, "audio", index)
                        if tracks(open) == before - 1 then
                            gone_tracks = gone_tracks + 1
                        else
                            stayed[#stayed + 1] = "'" .. name .. "' could not be removed"
                        end
                    end
                end
            end
        end
        local markers = hits.remove(open)
        if clips + gone_tracks + markers + #stayed + elsewhere == 0 then
            return "There is nothing of emsync in this timeline. Nothing was changed."
        end
        local said = "Removed %d clip(s), %d track(s) and %d marker(s) of emsync."
        said = said:format(clips, gone_tracks, markers)
        if #stayed > 0 then said = said .. " Left as they are: " .. table.concat(stayed, "; ") .. "." end
        if elsewhere > 0 then
            said = said .. " " .. elsewhere .. " clip(s) of its music on other tracks were left alone."
        end
        return said .. " The sound files stay in the bin 'emsync'. Nothing else was changed."
    end

    return placing
end
