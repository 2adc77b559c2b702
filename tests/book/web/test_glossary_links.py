"""Terms linked where a page uses them first."""

from bs4 import BeautifulSoup

from helpers.book.web.glossary_links import link_terms, read_terms

GLOSSARY = """<dl class="glossary">
<dt id="term-Batch-effect">Batch effect<a class="headerlink" href="#x">#</a></dt>
<dd><p>A difference of measurement. Not to be confused.</p></dd>
<dt id="term-CAMERA">CAMERA</dt><dd><p>A test.</p></dd>
<dt id="term-ARI">ARI</dt><dd><p>Too short.</p></dd>
<dt id="term-Collapse">Collapse (posterior collapse)</dt><dd><p>A failure.</p></dd></dl>"""
PAGE = """<article><h1>The batch effect</h1><p><code>CAMERA</code> finds a batch effect,
<em>then</em> another batch effect by CAMERA; <a href="x">collapse</a>.</p>
<table><td><p>collapse</p></td></table>
<ul><li>minicollapse, collapse</li></ul></article>"""


def soup(text):
    return BeautifulSoup(text, "html.parser")


def test_terms_are_read_as_running_text_writes_them():
    terms = read_terms(soup(GLOSSARY))
    assert set(terms) == {"batch effect", "CAMERA", "collapse"}
    assert terms["batch effect"].meaning == "A difference of measurement"


def test_the_first_use_in_running_text_is_linked_and_no_other():
    page = soup(PAGE)
    link_terms(page, read_terms(soup(GLOSSARY)), "../book/glossary.html")
    links = page.select("a.glossary-term")
    assert [(link.string, link.parent.name) for link in links] == [
        *(("batch effect", "p"), ("CAMERA", "p"), ("collapse", "li"))
    ]
    assert links[0]["href"] == "../book/glossary.html#term-Batch-effect"
    assert page.get_text() == soup(PAGE).get_text()
