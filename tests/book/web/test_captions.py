"""One caption for all that a cell shows."""

from bs4 import BeautifulSoup

from helpers.book.web.captions import share_captions


def figure(name, inside, caption="<b>Fig. 3.8.</b> Sets."):
    below = f'<figcaption><p><span class="caption-text">{caption}</span></p></figcaption>'
    return f'<figure class="align-default" id="{name}">{inside}{below}</figure>'


def shared(*parts):
    inside = "\n".join(parts)
    soup = BeautifulSoup(f'<div class="cell_output">{inside}</div>', "html.parser")
    share_captions(soup)
    return soup


def test_pictures_of_a_cell_stand_beside_each_other_above_one_caption():
    table = figure("c", "<table></table>")
    soup = shared(figure("a", '<img src="a">'), figure("b", '<img src="b">'), table)
    (caption,) = soup.find_all("figcaption")
    whole = caption.parent
    assert "pictures-beside" in whole["class"] and caption.get_text() == "Fig. 3.8. Sets."
    assert [image["src"] for image in whole.find_all("img")] == ["a", "b"]
    assert soup.table.find_parent("figure") is None
    assert [soup.find(id=name) is not None for name in "abc"] == [True] * 3


def test_a_picture_keeps_its_caption_and_the_table_after_it_has_none():
    soup = shared(figure("a", '<img src="a">'), figure("b", "<table></table>"))
    (caption,) = soup.find_all("figcaption")
    assert caption.parent.img["src"] == "a" and not soup.select(".pictures-beside")
    assert soup.table.find_parent("figure") is None


def test_pictures_apart_and_captions_of_their_own_stay():
    between = shared(figure("a", "<img>"), "<pre>said</pre>", figure("b", "<img>"))
    assert len(between.find_all("figure")) == 2 and len(between.find_all("figcaption")) == 1
    other = shared(figure("a", "<img>"), figure("b", "<img>", "Other."))
    assert len(other.find_all("figcaption")) == 2
