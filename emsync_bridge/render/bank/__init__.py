"""The instruments that ship with the package, and people's own soundfonts.

The entry point is ``sounds.sounds_for``, which returns what a piece is played with. ``build`` makes the package data;
``soundfont``, ``modulators``, ``zones`` and ``assembly`` read soundfonts, bake them, select zones and write the font of
a piece; ``files`` unpacks the Ogg streams into the user's cache.
"""
