"""Notes in MIDI files."""

from collections.abc import Sequence
from pathlib import Path

from fxchain.errors import MatchError
from fxchain.files.atomic import replacing
from fxchain.notes.note import Note

#: Of the files that are written: ticks in a quarter note of half a second.
TICKS_PER_BEAT, SECONDS_PER_BEAT = 9_600, 0.5

#: Channel 10, counted from 0.
DRUM_CHANNEL = 9


def read_notes(path: str | Path, drums: bool = False) -> tuple[Note, ...]:
    """Read the notes of a MIDI file, of all its tracks and channels.

    Tempo changes are followed. A note that is never released ends with the file.

    Args:
        path: of the file
        drums: those of channel 10, the drums, too

    Raises:
        MatchError: it cannot be read, or there is no note in it.
    """
    import mido

    try:
        file = mido.MidiFile(str(path))
        notes = _notes(file, drums)
    except (OSError, EOFError, ValueError, KeyError, IndexError) as error:
        reason = getattr(error, "strerror", None) or str(error) or "it is cut off"
        raise MatchError(f"{path}: this MIDI file cannot be read ({reason})") from error
    if not notes:
        raise MatchError(f"{path}: there are no notes in it; give a MIDI file with notes")
    return tuple(sorted(notes, key=lambda note: (note.start_seconds, note.pitch)))


def write_notes(path: str | Path, notes: Sequence[Note], force: bool = False) -> None:
    """Write a MIDI file: pitches and velocities are rounded to what MIDI has.

    Raises:
        OutputError: it exists and `force` is off, or cannot be written.
    """
    import mido

    ticks = TICKS_PER_BEAT / SECONDS_PER_BEAT
    events: list[tuple[int, int, int, int]] = []
    for note in notes:
        pitch = min(max(round(note.pitch), 0), 127)
        velocity = min(max(round(note.velocity * 127.0), 1), 127)
        start = round(note.start_seconds * ticks)
        end = max(round((note.start_seconds + note.duration_seconds) * ticks), start + 1)
        events += [(start, 1, pitch, velocity), (end, 0, pitch, 0)]
    track, last = mido.MidiTrack(), 0
    track.append(mido.MetaMessage("set_tempo", tempo=round(SECONDS_PER_BEAT * 1e6), time=0))
    for tick, on, pitch, velocity in sorted(events):
        kind = "note_on" if on else "note_off"
        track.append(mido.Message(kind, note=pitch, velocity=velocity, time=tick - last))
        last = tick
    file = mido.MidiFile(ticks_per_beat=TICKS_PER_BEAT)
    file.tracks.append(track)
    with replacing(path, force) as temporary:
        file.save(str(temporary))


def _notes(file: "object", drums: bool) -> list[Note]:
    sounding: dict[tuple[int, int], list[tuple[float, int]]] = {}
    notes, now = [], 0.0
    for message in file:  # type: ignore[attr-defined]
        now += message.time
        if message.type not in ("note_on", "note_off"):
            continue
        if message.channel == DRUM_CHANNEL and not drums:
            continue
        begun = sounding.setdefault((message.channel, message.note), [])
        if message.type == "note_on" and message.velocity > 0:
            begun.append((now, message.velocity))
        elif begun:
            start, velocity = begun.pop(0)
            notes.append(Note(start, max(now - start, 1e-3), message.note, velocity / 127.0))
    for (_, pitch), begun in sounding.items():
        notes += [Note(at, max(now - at, 1e-3), pitch, speed / 127.0) for at, speed in begun]
    return notes
