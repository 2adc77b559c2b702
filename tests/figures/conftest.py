import matplotlib as mpl
import pytest

mpl.use("Agg")


@pytest.fixture(autouse=True)
def close_figures():
    """No figure outlives its test, and the style of one does not reach the next."""
    import matplotlib.pyplot as plt

    with mpl.rc_context():
        yield
    plt.close("all")


@pytest.fixture
def small_texts():
    """The texts of a figure that are smaller than 9 pt, empty ones left out."""
    from matplotlib.text import Text

    def found(figure):
        figure.draw_without_rendering()
        texts = [text for text in figure.findobj(Text) if text.get_text().strip()]
        return [text.get_text() for text in texts if text.get_fontsize() < 9]

    return found
