"""The main job on one page: read, spot, feel, compose, render, write back; and starting again from what is there."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from emsync_bridge.cue import Cue, EmotionCurve, Spotting
from emsync_bridge.files.atomic import publish_all, staging_folder
from emsync_bridge.files.leftovers import claim_version, clear, version_of
from emsync_bridge.files.overwriting import protecting
from emsync_bridge.options import MusicOptions, RedoOptions, ScoreOptions
from emsync_bridge.progress import Progress, no_progress
from emsync_bridge.scoring import outputs, sound_steps, steps
from emsync_bridge.scoring.fingerprint import refuse_another_cut
from emsync_bridge.scoring.listening import Listening, Speech, listening, with_speech
from emsync_bridge.scoring.music_requests import check_music, meter_notes, same_notes
from emsync_bridge.scoring.section_edits import curve_within, release_at_silences, spotting_within
from emsync_bridge.scoring.settings import Setting, settings_of, whole_mood_as_before, with_sound
from emsync_bridge.timeline.source import Source, open_source

if TYPE_CHECKING:
    from emsync_bridge.render.mix.level import GainCurve
    from emsync_bridge.scoring.conform.conform import Conformed
    from emsync_bridge.scoring.dialogue import Ducking
    from emsync_bridge.scoring.sound_steps import MixLoudness
    from emsync_bridge.timeline.cut.model import CutModel

_SILENT = "The music is silent from beginning to end: orders or the mood table ask for silence everywhere"

_NOTHING_IN_COMMON = (
    "The new cut has no shot in common with that of the cue, '{}': only themes, key and palette are kept. "
    "If that is another film, name the cue of this one, or compose with: emsync score"
)


@dataclass(frozen=True)
class ScoringResult:
    """The outcome of a job.

    Arguments:
        cue: Cut, mood and music.
        files: Every file by what it is, such as ``audio``.
        warnings: Notes that a careful assistant would make, in full sentences.
        loudness: Loudness of the mix.
        ducking: Gain of the music by which it makes room for speech.
        gain: Gain of the mix and its stems.
    """

    cue: Cue
    files: Mapping[str, Path]
    warnings: tuple[str, ...]
    loudness: MixLoudness
    ducking: Ducking
    gain: GainCurve | None = None


@dataclass(frozen=True)
class Section:
    """A section of the music to be recomposed.

    Arguments:
        start: Seconds from the music's start.
        end: Seconds from the music's start.
        mood: Valence and arousal of the section from now on; None leaves an axis as it is.
        music: Options of its music; instruments as before and everything else at its default when None.
        parts: Roles, players or families that are composed again, or that stay.
        spotting: The cut with hits as a person has edited them, taken over inside the section; as before when None.
        curve: The mood as a person has edited it, taken over inside the section; as before when None.
    """

    start: float
    end: float
    mood: tuple[float | None, float | None] = (None, None)
    music: MusicOptions | None = None
    parts: RedoOptions = field(default_factory=RedoOptions)
    spotting: Spotting | None = None
    curve: EmotionCurve | None = None


@dataclass(frozen=True)
class ScoringJob:
    """A cut that is scored.

    Arguments:
        source: The timeline or video, opened once; no step opens it again.
        out: Folder for the results, made when missing.
        options: Options of reading, mood, music and sound.
        generator: Folder of a generator; the shipped one when None.
        progress: Function that is told of each step.
        marks: Values that are kept among the cue's settings, such as the digest of a batch.
        versions: Letter of each take by its index, which names the files with its seed; as the source when empty.
    """

    source: Source
    out: Path
    options: ScoreOptions = field(default_factory=ScoreOptions)
    generator: Path | None = None
    progress: Progress = no_progress
    marks: Mapping[str, Setting] = field(default_factory=dict)
    versions: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def open(
        cls,
        path: Path,
        out: Path,
        options: ScoreOptions | None = None,
        *,
        generator: Path | None = None,
        progress: Progress = no_progress,
    ) -> ScoringJob:
        """Return a job for a file.

        Arguments:
            path: A timeline or a plain video.
            out: Folder for the results.
            options: Options as in the class; the defaults when None.
            generator: Generator as in the class.
            progress: Progress as in the class.

        Raises:
            TimelineError: The file cannot be opened.
        """
        options = options or ScoreOptions()
        source = open_source(path, sequence=options.read.sequence, rate=options.read.rate)
        return cls(source, out, options, generator, progress)

    def score(self, spotting: Spotting | None = None, curve: EmotionCurve | None = None) -> ScoringResult:
        """Compose music for the cut and hand its timeline back with the music on a new track.

        Arguments:
            spotting: Hit points as a person has edited them, in place of what is read.
            curve: Mood as a person has edited it, in place of the estimate.

        Raises:
            EmsyncError: A step fails. Files appear as one set or not at all, only once all of the music is made, and
                never in place of another: a second set is called ``CUT v02``, and so on.
        """
        read, emotion, takes = self.options.read, self.options.emotion, self.options.takes
        self._prepared()
        shared = steps.shared_decode(self.source, read, emotion) if curve is None else None
        model = steps.read(self.source, read, self.progress, shared)
        spotting = steps.with_orders(steps.spot(model, read, spotting), self.options)
        notes = steps.picture_notes(self.source, model, emotion)
        if curve is None:
            relinked = steps.find_media(self.source, spotting, emotion, spotting.start_frame - model.start_frame)
            curve, felt = steps.feel(spotting, relinked, emotion, self.progress, shared)
            notes += (*steps.missing_media_warning(relinked), *felt)
        curve = steps.trimmed_curve(curve, spotting, read)
        spotting, speech = self._spoken(model, spotting, under=self.options.music.under_dialogue)
        with listening(self.source, model, spotting, self.options, speech) as heard:
            seeds = range(takes.seed, takes.seed + takes.takes)
            pieces = steps.compose(spotting, curve, self.options.music, seeds, self.generator, self.progress)
            chosen = steps.best_of(pieces, spotting, curve)
            cue = Cue(spotting, curve, pieces, chosen, settings={**settings_of(self.options), **self.marks})
            scored = self._written(model, cue, heard)
        steps.keep_themes(self.options.music, cue.take)
        notes += meter_notes(cue.take, spotting.duration, self.options.music.meter)
        return replace(scored, warnings=(*spotting.warnings, *notes, *scored.warnings))

    def redo(self, cue: Cue, section: Section) -> ScoringResult:
        """Recompose one section of a cue's chosen take; every other note stays.

        The result is one more take of the cue, and it is the chosen one.

        Arguments:
            cue: Cue as ``score`` returned it, or as read from its document.
            section: Section to recompose; the job's first seed is the section's.

        Raises:
            EmsyncError: As for ``score``; or the section is outside the music.
        """
        from emsync_bridge.music.generation.request import SectionChange
        from emsync_bridge.music.recomposing import options_as_before, recompose, snap_section

        self._prepared()
        seed = self.options.takes.seed
        model = steps.read(self.source, self.options.read, self.progress)
        refuse_another_cut(cue, model, self.source.path)
        kept = steps.chosen_of(cue, cue.chosen)
        start, end = snap_section(kept, cue.spotting, cue.curve, section.start, section.end)
        spotting = spotting_within(cue.spotting, section.spotting or cue.spotting, start, end)
        curve = cue.curve if section.curve is None else curve_within(cue.curve, section.curve, start, end)
        curve = steps.with_mood(curve, start, end, section.mood)
        take = recompose(
            kept,
            spotting,
            curve,
            SectionChange(start, end, seed, section.music or options_as_before(kept, cue.settings), section.parts),
            self.generator,
            lambda share: self.progress("Composing", share),
        )
        take = release_at_silences(take, curve)
        earlier = cue.settings.get("redo")
        redone = f"{start:.2f}-{end:.2f} seed {seed}"
        settings = with_sound(cue.settings, self.options.render)
        settings["redo"] = f"{earlier}; {redone}" if earlier else redone
        # earlier takes answer the hits that they were composed for
        takes = (*cue.takes, take) if spotting is cue.spotting else (take,)
        scored = self._heard_and_written(model, Cue(spotting, curve, takes, len(takes) - 1, settings=settings))
        return replace(scored, warnings=(*same_notes(kept, take), *scored.warnings))

    def choose(self, cue: Cue, take: int) -> ScoringResult:
        """Render another take of a cue and hand the timeline back with it.

        Arguments:
            cue: Cue as ``score`` returned it, or as read from its document.
            take: Index of the take, from 0.

        Raises:
            EmsyncError: As for ``score``; or there is no such take.
        """
        steps.chosen_of(cue, take)
        self._prepared()
        model = steps.read(self.source, self.options.read, self.progress)
        refuse_another_cut(cue, model, self.source.path)
        settings = with_sound(cue.settings, self.options.render)
        return self._heard_and_written(model, replace(cue, chosen=take, settings=settings))

    def conform(self, cue: Cue, spotting: Spotting | None = None) -> tuple[ScoringResult, Conformed]:
        """Carry a cue's chosen take over to this job's cut, which is a changed version of the cue's.

        Bars whose picture and hits did not change against each other are kept, the rest is recomposed with the same
        themes.

        Arguments:
            cue: Cue of the old cut.
            spotting: Hit points of the new cut as an editor has corrected them, in place of what is read.

        Returns:
            The outcome, and what became of shots and hits.

        Raises:
            EmsyncError: As for ``score``.
        """
        from emsync_bridge.music.recomposing import options_as_before
        from emsync_bridge.scoring.conform.carry import carry_redone
        from emsync_bridge.scoring.conform.conform import conform_take
        from emsync_bridge.scoring.conform.filling import filler, measured_answers

        read, emotion = self.options.read, whole_mood_as_before(self.options.emotion, cue.settings)
        self._prepared()
        model = steps.read(self.source, read, self.progress)
        spotting = steps.with_orders(steps.spot(model, read, spotting), replace(self.options, emotion=emotion))
        relinked = steps.find_media(self.source, spotting, emotion, spotting.start_frame - model.start_frame)
        curve, felt = steps.feel(spotting, relinked, emotion, self.progress, None)
        curve = steps.trimmed_curve(curve, spotting, read)
        kept = steps.chosen_of(cue, cue.chosen)
        music = options_as_before(kept, cue.settings) or MusicOptions()
        spotting, speech = self._spoken(model, spotting, under=music.under_dialogue)
        self.progress("Composing", 0.0)
        result = conform_take(
            kept, (cue.spotting, cue.curve), (spotting, curve), filler(music, self.generator), measured_answers
        )
        settings = with_sound(cue.settings, self.options.render) | {**self.marks, "conformed_from": cue.spotting.name}
        if len(cue.takes) > 1:
            settings["take_conformed"] = f"{cue.chosen + 1} of {len(cue.takes)}"
        if "redo" in settings:
            left = carry_redone(str(settings.pop("redo")), (*result.report.kept, *result.report.refitted))
            settings |= {"redo": left} if left else {}
        new = Cue(result.spotting, result.curve, (result.take,), 0, settings=settings)
        with listening(self.source, model, result.spotting, self.options, speech) as heard:
            scored = self._written(model, new, heard, (cue, result))
        shared = any(each.old and each.new for each in result.changes)
        unlike = () if shared else (_NOTHING_IN_COMMON.format(cue.spotting.name),)
        media = steps.missing_media_warning(relinked)
        warnings = (*unlike, *spotting.warnings, *media, *felt, *scored.warnings)
        return replace(scored, warnings=warnings), result

    def _prepared(self) -> None:
        """Look at what may fail once the music is composed; a folder that was made for that is removed again.

        Raises:
            EmsyncError: The timeline takes no music, options of the music cannot be met, or the folder, the sound or
                the picture cannot be used.
        """
        from emsync_bridge.timeline.insertion import refuse_unplaceable

        refuse_unplaceable(self.source)
        check_music(self.options.music, self.generator)
        with outputs.results_folder(self.out):
            clear(self.out)
            with staging_folder(self.out):
                sound_steps.check_sound(self.options.render)
        steps.check_picture(self.options.emotion)

    def _spoken(self, model: CutModel, spotting: Spotting, *, under: bool) -> tuple[Spotting, Speech | None]:
        """Return the cut with the speech in it among its orders, where the music is written for it, and the speech."""
        return with_speech(self.source, model, spotting, self.options, self.progress) if under else (spotting, None)

    def _heard_and_written(self, model: CutModel, cue: Cue) -> ScoringResult:
        with listening(self.source, model, cue.spotting, self.options) as heard:
            return self._written(model, cue, heard)

    def _written(
        self, model: CutModel, cue: Cue, heard: Listening, conformed: tuple[Cue, Conformed] | None = None
    ) -> ScoringResult:
        """Render the chosen take and write every result, under a name that nothing there has yet.

        Arguments:
            model: The cut.
            cue: The music.
            heard: The search for speech in it.
            conformed: Cue of an older cut and what became of it, for a cue that was carried over.
        """
        render, offset, stem = self.options.render, cue.spotting.start_frame - model.start_frame, self.source.stem
        picture = steps.picture_of(self.source, self.options.emotion)
        inputs = (self.source.path, *([picture] if picture else []))
        with outputs.results_folder(self.out), staging_folder(self.out) as room:
            with ThreadPoolExecutor(1) as beside:  # drawing fills the time in which the mix waits for the synthesizer
                drawn = beside.submit(outputs.write_chart, cue, room, stem, self.generator)
                made, report = sound_steps.render(cue, room, stem, render, self.progress)
                made |= drawn.result()
            document = None
            if conformed is not None:
                from emsync_bridge.scoring.conform.document import conform_document, write_change_lists

                document = conform_document(conformed[1])
                made |= write_change_lists(*conformed, room, stem)
            speeches, notes = heard.speech(self.progress)
            quiet, ducking = sound_steps.make_room(cue, report, room, () if render.ducking == "off" else speeches)
            made |= quiet
            if picture is not None:
                music = made.get("audio under speech", report.path)
                movie = room / f"{stem}.scored.mp4"
                made |= sound_steps.make_movie(picture, music, movie, float(offset / model.rate), render, self.progress)
            sound_steps.sign_media(cue, made, render, self.progress)
            letter = self.versions.get(cue.chosen)
            named = f"{stem} {letter} seed {cue.take.seed}" if letter else stem
            claimed = claim_version(self.out, named, outputs.ENDINGS)
            with protecting(inputs), claimed as name, ExitStack() as made_folders:
                files = outputs.places_of(made, stem, self.out / name, cue, render, version_of(named, name))
                made_folders.enter_context(outputs.folders_for(files.values(), self.out))
                publish_all({path: files[kind] for kind, path in made.items()})
                written, odd = outputs.write_back(self.source, model, cue, files, render, ducking, document)
                path = self.out / f"{name}.cue.json"
                measured = {"loudness": asdict(sound_steps.loudness_of(report)), "ducking": asdict(ducking)}
                if document is not None:
                    measured["conform"] = document
                outputs.write_cue(cue, [*files.values(), *written.values()], path, measured)
        silent = () if cue.take.notes else (_SILENT,)
        warnings = (*silent, *report.warnings, *notes, *odd)
        files = {**files, "cue": path, **written}
        return ScoringResult(cue, files, warnings, sound_steps.loudness_of(report), ducking, report.gain)
