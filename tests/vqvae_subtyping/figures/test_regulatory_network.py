import networkx
import numpy as np
import pandas as pd
import pytest
from scipy.optimize import check_grad

from helpers.vqvae_subtyping.figures import regulatory_network as module
from helpers.vqvae_subtyping.figures.regulatory_network import KINDS, plot_networks, plot_regulation


@pytest.fixture
def pairs():
    rng = np.random.default_rng(0)
    rows = [("hsa-mir-21", f"G{n}") for n in range(8)] + [
        ("hsa-mir-29c", f"G{n}") for n in range(5)
    ]
    table = pd.DataFrame([*rows, ("hsa-mir-9", "G0")], columns=["microRNA", "gene"])
    table["correlation"] = -rng.uniform(0.2, 0.8, len(table))
    table["kind"] = np.where(table["gene"] == "G7", "lncRNA", "gene")
    return table


def test_nodes_lines_and_names(pairs, small_texts):
    ax = plot_regulation(pairs, n_labels=4)
    lines, nodes, *_ = ax.collections
    assert len(lines.get_segments()) == len(pairs)
    darkness = lines.get_colors()[:, 3]
    assert darkness.argmin() == pairs["correlation"].argmax(), "palest where it is weakest"
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == [
        "microRNA 3 of 3",
        "protein-coding gene 7 of 7",
        "long non-coding RNA 1 of 1",
    ]
    assert {text.get_text() for text in ax.texts} == {"mir-21", "mir-29c", "G0", "G1"}
    sizes = nodes.get_sizes()
    assert sizes.max() - sizes.min() == 7 * 7, "8 pairs against 1"
    assert small_texts(ax.figure) == []


def test_the_layout_is_as_tight_as_networkx_own(pairs):
    graph = networkx.Graph(pairs[["microRNA", "gene"]].to_numpy().tolist())
    theirs = networkx.kamada_kawai_layout(graph, pos=networkx.circular_layout(graph))
    mine = module._places(pairs)
    steps = dict(networkx.all_pairs_shortest_path_length(graph))
    names = sorted(graph)
    d = np.array([[steps[a][b] for b in names] for a in names], float) + np.eye(len(names))

    def strain(places):
        x = np.array([places[name] for name in names])
        apart = np.linalg.norm(x[:, None] - x, axis=2)
        # The best scale, which a layout leaves open.
        scale = (apart / d).sum() / np.square(apart / d).sum()
        return module._strain((scale * x).ravel(), d)[0]

    assert strain(mine) < 1.02 * strain(theirs)


def test_the_gradient_of_the_layout_is_that_of_differences():
    rng = np.random.default_rng(0)
    x, steps = rng.normal(size=12), rng.integers(1, 4, (6, 6)).astype(float)
    steps = steps + steps.T
    assert (
        check_grad(lambda f: module._strain(f, steps)[0], lambda f: module._strain(f, steps)[1], x)
        < 1e-5
    )


def test_parts_without_a_path_stay_in_the_picture(pairs):
    apart = pd.concat([pairs, pairs.assign(microRNA="hsa-mir-7", gene="X")[:1]])
    places = np.array(list(module._places(apart).values()))
    assert np.isfinite(places).all() and np.ptp(places, axis=0).max() < 20


def test_few_nodes_are_those_with_most_pairs(pairs):
    ax = plot_regulation(pairs, n_nodes=4)
    assert {text.get_text() for text in ax.texts} == {"mir-21", "mir-29c", "G0", "G1"}
    assert "4 of 14 pairs shown" in ax.get_title()
    assert len(ax.collections[0].get_segments()) == 4


def test_names_do_not_overlap(pairs):
    ax = plot_regulation(pairs)
    ax.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts]
    for number, box in enumerate(boxes):
        for other in boxes[number + 1 :]:
            width = min(box.x1, other.x1) - max(box.x0, other.x0)
            height = min(box.y1, other.y1) - max(box.y0, other.y0)
            assert width < 3 or height < 3


def test_every_kind_has_its_shape_and_an_empty_network_is_refused(pairs):
    assert len({str(marker) for marker, _, _ in KINDS.values()}) == 3
    assert len(plot_regulation(pairs.assign(kind="gene")).get_legend().get_texts()) == 2
    with pytest.raises(ValueError, match="no network to draw"):
        plot_regulation(pairs[:0])


def test_a_network_without_a_pair_is_no_picture(pairs):
    nothing = pairs.iloc[:0]
    assert plot_networks({"A": nothing, "E": nothing}, {"A": 30, "E": 9}) == {}
    one = plot_networks({"A": nothing, "E": pairs}, {"A": 30, "E": 9})["regulation"]
    assert len(one.figure.axes) == 1
    assert one.get_title().startswith("Network of cluster E (n = 9 patients)")


def test_two_networks_stand_side_by_side(pairs):
    both = {"A": pairs, "D": pairs[:5]}
    axes = plot_networks(both, {"A": 30, "D": 9})["regulation"].figure.axes
    assert [len(ax.collections[0].get_segments()) for ax in axes] == [len(pairs), 5]
    assert axes[0].get_position().x0 < axes[1].get_position().x0
