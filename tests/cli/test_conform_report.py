"""What ``emsync conform`` prints about hits that a changed cut has won or lost."""

from test_messages import CLIP, CUT, MARKER, emsync


def test_new_and_lost_hits_are_named_with_their_timecodes(tmp_path):
    old, new, out = tmp_path / "old.otio", tmp_path / "new.otio", tmp_path / "out"
    many = ", ".join(MARKER % (f"door {number}", "RED", 24 * number) for number in range(1, 13))
    old.write_text(CUT % ("cut", f"{CLIP % ('a', '96', '')}, {CLIP % ('b', '336', many)}"))
    new.write_text(CUT % ("cut", f"{CLIP % ('a', '96', '')}, {CLIP % ('c', '192', MARKER % ('bang', 'RED', 48))}"))
    scored = emsync("score", old, "--no-cache", "--min-gap", "0.5", "--out", out)
    assert scored.exit_code == 0, scored.output
    said = emsync("conform", new, "--no-cache", "--min-gap", "0.5", "--keep", out / "old.cue.json", "--out", out).stdout
    assert "  new   00:00:06:00  bang\n" in said
    assert "  lost  00:00:05:00  door 1\n" in said
    lost = [line for line in said.splitlines() if line.startswith("  lost ")]
    counted = int(said.partition(" lost\n")[0].split()[-1])
    assert len(lost) == 10 < counted
    assert f"  and {counted - 10} more lost\n" in said
