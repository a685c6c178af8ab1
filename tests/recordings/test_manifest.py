"""Lists of recordings, in a file or not."""

import codecs
import random
from pathlib import Path

import pytest

from fxchain.errors import MatchError
from fxchain.recordings.file_names import matched_files
from fxchain.recordings.manifest import read_manifest
from fxchain.recordings.pair_source import PairSource, named


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "audio").mkdir()
    for name in ("dry.wav", "wet.wav", "a, b.wav", "audio/wet.wav"):
        (tmp_path / name).touch()
    return tmp_path


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "pairs.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_all_columns(folder: Path) -> None:
    path = written(
        folder,
        "note,id,wet,dry,gain_free,polarity,latency_samples,dry_channel\n"
        "x,one , audio/wet.wav,dry.wav,1,-,-12,0\n"
        ",,,,,,,\n\n"
        f'x,,"a, b.wav",{folder / "dry.wav"},,+,,\n',
    )
    one, two = read_manifest(path)
    assert (one.dry, one.wet) == (folder / "dry.wav", folder / "audio/wet.wav")
    assert (one.id, one.dry_channel, one.latency_samples, one.polarity) == ("one", 0, -12, -1)
    assert one.gain_free and not two.gain_free
    assert (two.dry, two.wet) == (folder / "dry.wav", folder / "a, b.wav")
    assert (two.id, two.dry_channel, two.latency_samples, two.polarity) == ("", None, None, 1)


def test_what_a_spreadsheet_writes(folder: Path) -> None:
    path = written(folder, "dry,wet\r\ndry.wav,wet.wav\r\n".encode("utf-8-sig"))
    assert [take.wet.name for take in read_manifest(path)] == ["wet.wav"]


ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-32"]
BIG_ENDIAN = {"utf-16-be": codecs.BOM_UTF16_BE, "utf-32-be": codecs.BOM_UTF32_BE}


@pytest.mark.parametrize("seed", range(12))
def test_whatever_a_spreadsheet_puts_between_columns_and_lines(folder: Path, seed: int) -> None:
    rng = random.Random(seed)
    between, end = ",;\t"[seed % 3], rng.choice(["\n", "\r\n", "\r"])
    encoding = rng.choice([*ENCODINGS, *BIG_ENDIAN])
    names = rng.sample(["dry", "wet", "id", "note"], 4)
    row = {"dry": "a, b.wav", "wet": "audio/wet.wav", "id": "Gr\u00fc\u00dfe", "note": "a;b\tc"}
    lines = [names, [f'"{row[name]}"' for name in names], [""] * 4]
    text = "".join(between.join(cells) + end for cells in lines)
    content = BIG_ENDIAN.get(encoding, b"") + text.encode(encoding)
    (source,) = read_manifest(written(folder, content))
    assert (source.dry, source.wet) == (folder / "a, b.wav", folder / "audio/wet.wav")
    assert source.id == "Gr\u00fc\u00dfe"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "empty"),
        ("dry,wet\n", "lists no pairs"),
        ("dry,wet\n,\n", "lists no pairs"),
        ("dry,other\ndry.wav,wet.wav\n", "the column 'wet' is missing"),
        ("dry.wav,wet.wav\n", "the column 'dry' is missing"),
        ("dry:wet\ndry.wav:wet.wav\n", "the column 'dry' is missing"),
        ("dry;wet\ndry.wav,wet.wav;wet.wav\n", "line 2: dry: there is no file"),
        ("dry,wet\n".encode("utf-16")[:-1], "not UTF-8"),
        ("dry,wet\ndr\u00fc.wav,wet.wav\n".encode("cp1252"), "'CSV UTF-8'"),
        ("dry,wet,dry\n1,2,3\n", "'dry' stands twice"),
        ("dry,wet\ndry.wav,wet.wav\nno.wav,wet.wav\n", r"line 3: dry: there is no file .*no\.wav"),
        ("dry,wet\ndry.wav,audio\n", "line 2: wet: there is no file"),
        ("dry,wet\ndry.wav,\n", "line 2: wet: the cell is empty"),
        ("dry,wet\ndry.wav\n", "line 2: wet: the cell is empty"),
        ("dry,wet\ndry.wav,a, b.wav\n", "line 2: more cells than columns"),
        ("dry,wet,id\ndry.wav,wet.wav,x\ndry.wav,wet.wav,x\n", "line 3: the id 'x' .*line 2"),
        ("dry,wet,polarity\ndry.wav,wet.wav,up\n", r"line 2: polarity: 'up' is not \+ or -"),
        ("dry,wet,latency_samples\ndry.wav,wet.wav,soon\n", "line 2: latency_samples: 'soon'"),
        ("dry,wet,latency_samples\ndry.wav,wet.wav,inf\n", "line 2: latency_samples: 'inf'"),
        ("dry,wet,dry_channel\ndry.wav,wet.wav,-1\n", "line 2: dry_channel: '-1'"),
        ("dry,wet,gain_free\ndry.wav,wet.wav,yes\n", "line 2: gain_free: 'yes' is not 0 or 1"),
        (b"dry,wet\n\xff\xfe,wet.wav\n", "not UTF-8"),
        ('dry,wet\n"dry.wav,wet.wav\n', "not a CSV file"),
        (f"dry,wet\n{'x' * 200_000},wet.wav\n", "not a CSV file"),
        (f"dry,wet\n{'x' * 5_000},wet.wav\n", "there is no file"),
        ("dry,wet\ndry\0.wav,wet.wav\n", "there is no file|not a CSV file"),
    ],
)
def test_a_manifest_that_cannot_be_used(folder: Path, content: str | bytes, reason: str) -> None:
    with pytest.raises(MatchError, match=reason) as caught:
        read_manifest(written(folder, content))
    assert "pairs.csv: " in str(caught.value)


def test_a_manifest_that_is_not_there(folder: Path) -> None:
    for path, reason in ((folder / "nothing.csv", "cannot be read"), (folder, "is not a file")):
        with pytest.raises(MatchError, match=reason):
            read_manifest(path)


def test_ids_come_from_the_wet_file_and_differ() -> None:
    sources = [
        PairSource("d.wav", "a/wet.wav"),
        PairSource("d.wav", "b/wet.wav"),
        PairSource("d.wav", "c.wav", id="wet"),
        PairSource([0.0], [0.0]),
    ]
    assert [take.id for take in named(sources)] == ["wet-2", "wet-3", "wet", "pair-4"]


@pytest.mark.parametrize(
    ("sources", "reason"),
    [
        ([], "no pairs"),
        (
            [PairSource("d", "w", id="x"), PairSource("d", "v", id="x")],
            "pair x: the id stands twice",
        ),
        ([PairSource("d", "w", polarity=2)], "pair w: the polarity is 2"),
        ([PairSource("d", "w", dry_channel=-1)], "pair w: the dry channel is -1"),
    ],
)
def test_a_list_that_cannot_be_used(sources: list[PairSource], reason: str) -> None:
    with pytest.raises(MatchError, match=reason):
        named(sources)


def test_file_names_are_safe_and_differ() -> None:
    ids = ["one", "One", "a/b", "a_b", "../up", "…", "é" * 300, "é" * 301]
    files = matched_files(ids)
    assert files[:4] == [
        "matched-one.wav",
        "matched-One-2.wav",
        "matched-a_b.wav",
        "matched-a_b-2.wav",
    ]
    assert len({file.casefold() for file in files}) == len(ids)
    assert all("/" not in file and len(file.encode()) < 250 for file in files)
