-- Markers for the hits that the music answers and for its form: made, told apart from the user's, and replaced.
return function(load, settings)
    local words, timeline = load("words"), load("timeline")
    local hits = {}
    local maybe, whole = words.maybe, words.whole

    local COLORS = { cut = "Mint", transition = "Lavender", marker = "Lemon", start = "Sky", ["end"] = "Sky",
        form = "Purple" }
    local MOST = 100 -- markers of hits where the installer baked in no other number
    local STEPS = { 0, 1, -1, 2, -2 } -- where a marker goes when its frame is taken

    local function our_markers(open)
        local found = {}
        for _, marker in pairs(maybe(open, "GetMarkers", {})) do
            if timeline.is_our_marker(marker.customData) then found[#found + 1] = marker.customData end
        end
        table.sort(found)
        return found
    end

    -- Delete the markers that emsync made, told by their custom data; returns how many are gone.
    function hits.remove(open)
        local before = our_markers(open)
        for _, custom in ipairs(before) do maybe(open, "DeleteMarkerByCustomData", false, custom) end
        return #before - #our_markers(open)
    end

    local function free_frame(frame, taken, frames)
        for _, step in ipairs(STEPS) do
            local place = frame + step
            if not taken[place] and place >= 0 and place < frames then return place end
        end
    end

    local function add(open, frame, color, name, note, custom)
        if maybe(open, "AddMarker", false, frame, color, name, note, 1, custom) then return true end
        for _, known in ipairs(our_markers(open)) do
            if known == custom then return true end -- done, though it says that it is not
        end
        return false
    end

    -- Return the answered hits by their numbers, at most so many, those of greatest weight; and how many there are.
    local function chosen_of(cue, most)
        local answered = {}
        for index, hit in ipairs(cue.spotting.hits or {}) do
            local answer = (cue.hits or {})[index]
            if type(answer) == "table" and answer.error_ms then
                answered[#answered + 1] = { hit = hit, answer = answer, number = #answered }
            end
        end
        local all = #answered
        table.sort(answered, function(one, other)
            local a, b = tonumber(one.hit.weight) or 0, tonumber(other.hit.weight) or 0
            if a ~= b then return a > b end
            return one.number < other.number
        end)
        for index = all, math.max(0, most) + 1, -1 do answered[index] = nil end
        table.sort(answered, function(one, other) return one.number < other.number end)
        return answered, all
    end

    -- Return the markers that the user has chosen, without places; how many hits have one; and how many hits there are.
    local function wanted_of(result)
        local choice = settings.markers or "hits"
        if choice == "none" then return {}, 0, 0 end
        local wanted = {}
        local chosen, all = chosen_of(result.cue, settings.most_markers or MOST)
        for index, each in ipairs(chosen) do
            local hit = each.hit
            wanted[index] = {
                frame = hit.frame,
                kind = hit.kind,
                name = "hit: " .. (hit.name and hit.name ~= "" and hit.name or hit.kind),
                note = string.format("music %+.2f ms", each.answer.error_ms),
            }
        end
        for _, section in ipairs(choice == "all" and result.form or {}) do
            local about = {}
            for _, name in ipairs({ "character", "key" }) do
                if section[name] and section[name] ~= "" then about[#about + 1] = section[name] end
            end
            wanted[#wanted + 1] = {
                frame = section.frame,
                kind = "form",
                name = "form: " .. section.label,
                note = table.concat(about, ", "),
            }
        end
        return wanted, #chosen, all
    end

    -- Make the markers of a job in place of those of earlier jobs; the user's stay as they are. Returns how many stand,
    -- were moved by a frame or two, and found no place; and how many of all hits were chosen.
    function hits.replace(open, record, first, frames)
        hits.remove(open)
        local taken, made, moved, left_out = {}, 0, 0, 0
        for frame in pairs(maybe(open, "GetMarkers", {})) do taken[whole(frame)] = true end
        local wanted, chosen, all = wanted_of(record.result)
        for index, each in ipairs(wanted) do
            local exact = first + whole(each.frame)
            local place = free_frame(exact, taken, frames)
            local custom = string.format("emsync:%s:%d", record.id, index - 1)
            if place and add(open, place, COLORS[each.kind] or "Mint", each.name, each.note, custom) then
                taken[place], made = true, made + 1
                if place ~= exact then moved = moved + 1 end
            else
                left_out = left_out + 1
            end
        end
        return { made = made, moved = moved, left_out = left_out, chosen = chosen, all = all }
    end

    return hits
end
