"""From dry sections to a mix with its stems: equaliser, seating, room, level and limiter.

The entry point is ``console.Console``, which turns the dry sound of each section into its sound in the room, and
``level.find_gain``, which returns the one gain that brings the mix to its loudness. Stems get the same gain, so that
they add up to the mix.
"""
