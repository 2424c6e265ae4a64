-- What emsync remembers: the last job of each timeline, and every sound file that it ever placed. The Python entries
-- read and write the same files.
return function(load, settings)
    local json, words, programs = load("json"), load("words"), load("programs")

    local function read(path)
        local file = io.open(path, "rb")
        if not file then return "" end
        local text = file:read("*a") or ""
        file:close()
        return text
    end

    return function(home, identity)
        local folder = home .. "/resolve"
        local path = folder .. "/" .. identity:gsub("[^%w_.-]", "_") .. ".json"
        local kept = {}
        local well, document = pcall(json.decode, read(path))
        kept.document = well and type(document) == "table" and document or {}

        local function open(name, mode)
            local file = io.open(name, mode)
            if file then return file end
            programs.make_folder(folder)
            return io.open(name, mode) or words.plain("%s cannot be written to. Make room there or unlock it.", folder)
        end

        function kept.sounds()
            local sounds = {}
            for line in read(folder .. "/sounds.txt"):gmatch("[^\r\n]+") do sounds[#sounds + 1] = line end
            return sounds
        end

        -- Remember a sound file before it is placed, so that what is begun can always be found and removed.
        function kept.add_sound(sound)
            local file = open(folder .. "/sounds.txt", "ab")
            file:write(sound, "\n")
            file:close()
        end

        function kept.save(changes)
            for name, value in pairs(changes) do kept.document[name] = value end
            local file = open(path .. ".part", "wb")
            file:write(json.encode(kept.document))
            file:close()
            if settings.system == "win32" then os.remove(path) end -- a rename there does not replace
            os.rename(path .. ".part", path)
        end

        return kept
    end
end
