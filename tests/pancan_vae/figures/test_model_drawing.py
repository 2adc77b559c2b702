from dataclasses import replace

from helpers.pancan_vae.figures.model_drawing import draw_model


def texts(ax):
    return [text.get_text() for text in ax.texts if text.get_text()]


def test_layers_stand_in_order_and_are_mirrored(recipe):
    drawn = texts(draw_model(replace(recipe, n_hidden=(256, 64), linear_skip=False), 5000))
    layers = [text for text in drawn if text not in ("encoder", "decoder")]
    assert layers == [
        "x\n5,000", "256\nReLU", "64\nReLU", "mean,\nlog variance", "z\n6",
        "64\nReLU", "256\nReLU", "x̂\n5,000",
    ]  # fmt: skip


def test_a_linear_path_is_drawn_where_there_is_one(recipe):
    assert texts(draw_model(recipe, 400)).count("linear") == 2
    assert "linear" not in texts(draw_model(replace(recipe, linear_skip=False), 400))
