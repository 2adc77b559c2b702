"""What is mended in rendered pages."""

from helpers.book.web.html_mending import FEW, mended_page

PAGE = """<html><head><script src="../_static/scripts/fontawesome.js"></script>
<script src="../searchindex.js?v=1"></script></head><body>
<nav><ul><li><a href="a.html">Chapter <b>one</b></a>
<details><summary><i></i></summary><ul></ul></details></li></ul></nav>
<article class="bd-article"><section id="t"><h1>T</h1>
<section id="model"><h2>Model<a class="headerlink" href="#model">#</a></h2><p>in</p>
<section id="how"><h3>How<a class="headerlink" href="#how">#</a></h3><p>so</p></section></section>
<section id="beyond-the-paper"><h2>Beyond the paper<a class="headerlink" href="#b">#</a></h2>
<section id="why"><h3>Why?</h3><p>because</p></section></section>
<section id="kept"><h2>The paper's analyses</h2><p>out</p>
<figure><figcaption><span class="caption-number">Fig. 88 </span>A</figcaption></figure></section>
<div class="citation-list" role="list"><div>one</div></div>
</section></article></body></html>"""


def test_details_of_a_chapter_are_folded_and_its_analyses_are_not():
    soup = mended_page(PAGE, is_chapter=True)
    fold = soup.select_one("section#model > details.section-fold")
    assert fold.summary.get_text() == "Model" and not fold.summary.find("a")
    assert fold.select_one(".fold-body section#how p").get_text() == "so"
    assert soup.select_one("section#why > details > summary h3").get_text() == "Why?"
    assert not soup.select_one("section#beyond-the-paper > details")
    assert not soup.select_one("section#kept details")
    assert soup.get_text().count("because") == 1


def test_other_pages_are_not_folded():
    assert "section-fold" not in str(mended_page(PAGE, is_chapter=False))


def test_names_roles_numbers_and_scripts():
    soup = mended_page(PAGE, is_chapter=True)
    assert soup.nav.summary["aria-label"] == "Pages below Chapter one"
    assert not soup.select_one("[role=list]") and "Fig. 88" not in soup.get_text()
    assert not soup.find("script")
    results = PAGE.replace("<p>out</p>", '<div id="search-results"></div>')
    assert "searchindex" in str(mended_page(results, is_chapter=False))


def test_a_chapter_with_few_pictures_in_view_has_room_for_them():
    picture = '<div class="cell_output"><img src="a.png"/></div>'
    for n, is_roomy in ((FEW, True), (FEW + 1, False)):
        soup = mended_page(PAGE.replace("<p>out</p>", n * picture), is_chapter=True)
        assert ("is-roomy" in soup.article["class"]) == is_roomy
    folded = PAGE.replace("<p>in</p>", (FEW + 1) * picture)
    assert "is-roomy" in mended_page(folded, is_chapter=True).article["class"]
    assert "is-roomy" not in mended_page(folded, is_chapter=False).article["class"]


def test_a_picture_is_at_most_as_wide_as_it_was_meant_and_keeps_its_form():
    pictures = '<img src="0.png" style="width: 782px;"/>', '<img src="1.png"/>'
    outputs = "".join(f'<div class="cell_output">{one}</div>' for one in pictures)
    soup = mended_page(PAGE.replace("<p>out</p>", outputs), is_chapter=True)
    meant, plain = soup.select(".cell_output img")
    assert meant["style"] == "max-width: min(100%, 782px);" and "style" not in plain.attrs
    assert meant.parent["href"] == "0.png"
