"""Search for the conventions that descriptions leave open, by weights that have learnt music."""

import json

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch_emsync import Emsync, ours

from emsync_bridge.cli import main
from emsync_bridge.music.emsync_original import generator
from emsync_bridge.music.emsync_original import vocabulary as tok
from emsync_bridge.music.emsync_original.codec import encode
from emsync_bridge.music.emsync_original.config import PREFIX, PUBLISHED, Conventions, OriginalConfig
from emsync_bridge.music.emsync_original.convention_search import CHANCE, likeliest_reading, plain_music, usual_orders

SMALL = OriginalConfig(layers=1, width=32, heads=2, hidden=64, context=100)
ORDER = "marks, OFF and ON by instrument, shifts"


@pytest.fixture(scope="module")
def learnt():
    """Return a network that has learnt plain music, its tokens in an unusual order and positions before offsets."""
    torch.manual_seed(0)
    made = Emsync(SMALL, Conventions(offset_first=False))
    numbers = usual_orders()[ORDER]
    music = [tok.BAR, *encode(plain_music(), range(250, 1000, 250))][: SMALL.context - PREFIX]
    tokens = numbers[music].tolist()
    optimizer = torch.optim.Adam(made.parameters(), lr=0.01)
    for _ in range(60):
        scores = made(tokens[:-1], [8.0] * (len(tokens) - 1), (0.4, 0.2), int(numbers[tok.MORE_INSTRUMENTS]))
        loss = torch.nn.functional.cross_entropy(scores, torch.tensor(tokens[1:]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 1.0
    return made.eval()


def test_order_and_conventions_are_found_without_a_token_map(learnt, tmp_path):
    torch.save(learnt.state_dict(), tmp_path / "model.pt")
    ran = CliRunner().invoke(
        main, ["models", "import", "--emsync", str(tmp_path), "--out", str(tmp_path / "out"), "--json"]
    )
    assert ran.exit_code == 0, ran.output
    document = json.loads(ran.stdout)
    assert document["cost"] < 1.5
    assert any(ORDER in note for note in document["notes"])
    assert not any("chance" in note for note in document["notes"])
    found = generator.load(tmp_path / "out")
    assert not found.conventions.offset_first
    numbers = usual_orders()[ORDER]
    theirs = learnt.embedding.weight.detach().numpy()
    np.testing.assert_array_equal(found.weights["tokens.weight"], theirs[numbers].astype(np.float16))


def test_a_token_map_is_obeyed_without_trying_others(learnt, tmp_path):
    torch.save(learnt.state_dict(), tmp_path / "model.pt")
    names = [tok.name_of(token) for token in np.argsort(usual_orders()[ORDER])]
    (tmp_path / "tokens.json").write_text(json.dumps(names), encoding="utf-8")
    ran = CliRunner().invoke(
        main, ["models", "import", "--emsync", str(tmp_path), "--out", str(tmp_path / "out"), "--json"]
    )
    assert ran.exit_code == 0, ran.output
    assert json.loads(ran.stdout)["cost"] < 1.5
    assert not any("token map" in note for note in json.loads(ran.stdout)["notes"])


def test_weights_that_know_nothing_are_read_in_the_usual_way():
    torch.manual_seed(1)
    made = Emsync(SMALL)
    reading = likeliest_reading(SMALL, ours(made), usual_orders())
    assert reading.order == next(iter(usual_orders()))
    assert reading.conventions == Conventions()
    assert reading.cost > 0.9 * CHANCE


def test_a_network_of_the_published_size_is_imported_and_composes(tmp_path):
    torch.manual_seed(2)
    torch.save(Emsync(PUBLISHED).state_dict(), tmp_path / "model.pt")
    names = [tok.name_of(token) for token in range(tok.VOCABULARY)]
    (tmp_path / "tokens.json").write_text(json.dumps(names), encoding="utf-8")
    run = CliRunner().invoke
    ran = run(main, ["models", "import", "--emsync", str(tmp_path), "--out", str(tmp_path / "out"), "--json"])
    assert ran.exit_code == 0, ran.output
    assert json.loads(ran.stdout)["parameters"] == 37_178_355
    assert not any("published network has" in note for note in json.loads(ran.stdout)["notes"])
    ran = run(
        main,
        [
            "compose",
            "--duration",
            "4",
            "--hits",
            "2.5",
            "--model",
            str(tmp_path / "out"),
            "--out",
            str(tmp_path / "m.mid"),
        ],
    )
    assert ran.exit_code == 0, ran.output
    assert (tmp_path / "m.mid").exists()
