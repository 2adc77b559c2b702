"""Every gate: it passes a sound page, and it finds the fault planted for it."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from helpers.book.gates import BookFaulty, check_book

BANNER = '<div class="bd-header-announcement"><div><strong>Demo.</strong> Not patients.</div></div>'
LOST = "broken link or missing file: "
PAGE = """<!doctype html><html><head>
<link rel="stylesheet" href="_static/book.css"><link rel="canonical" href="https://a.example/x">
<script src="_static/book.js"></script></head><body>{banner}
<h1 id="top">Title</h1><a href="#top">up</a> <a href="other.html#there">other</a>
<a href="https://example.org/paper">paper</a> <a href="mailto:a@example.org">mail</a>
<img src="_static/a.png" alt="A white pixel."> <img src="data:image/png;base64,AA" alt="Inline.">
{more}</body></html>"""


@pytest.fixture
def book(tmp_path):
    """(staged folder, rendered folder) of a sound book of two pages; function to spoil a page."""
    site, html = tmp_path / "site", tmp_path / "html"
    (html / "_static").mkdir(parents=True)
    site.mkdir()
    nbformat.write(new_notebook(cells=[new_code_cell("1")]), site / "sound.ipynb")
    (html / "_static" / "a.png").write_bytes(b"png")
    (html / "_static" / "book.css").write_text("body { background: url('a.png'); color: #000 }")
    (html / "_static" / "book.js").write_text("const home = 'https://example.org'; fetch('a.png')")
    for name in ("index", "search", "other"):
        write_page(html, name, more='<p id="there">there</p>' if name == "other" else "")
    return site, html


def write_page(html, name, more="", banner=""):
    (html / f"{name}.html").write_text(PAGE.format(more=more, banner=banner))


def check(book, announcement=""):
    check_book(*book, documents=["index", "other"], announcement=announcement)


def test_a_sound_book_passes(book):
    check(book)


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ("<pre>Traceback (most recent call last):</pre>", "shows a traceback"),
        ('<a href="lost.html">x</a>', LOST + "lost.html"),
        ('<a href="other.html#lost">x</a>', LOST + "other.html#lost"),
        ('<a href="#lost">x</a>', LOST + "#lost"),
        (
            '<img src="_static/lost.png" alt="Lost.">',
            LOST + "_static/lost.png",
        ),
        ('<script src="_static/lost.js"></script>', LOST + "_static/lost.js"),
        ('<img src="_static/a.png">', "image without alt text"),
        ('<img src="_static/a.png" alt=" ">', "image without alt text"),
        ('<img src="_static/a.png" alt="../_images/0a1b.png">', "image without alt text"),
        ('<img src="https://cdn.example/a.png" alt="A.">', "loads https://cdn.example/a.png"),
        ('<img src="_static/a.png" srcset="//cdn.example/b.png 2x" alt="A.">', "loads //cdn"),
        ('<script src="https://cdn.example/a.js"></script>', "loads https://cdn.example/a.js"),
        ('<link rel="stylesheet" href="http://cdn.example/a.css">', "loads http://cdn.example"),
        ('<link rel="preconnect" href="https://fonts.example">', "loads https://fonts.example"),
        ('<iframe src="https://cdn.example/"></iframe>', "loads https://cdn.example/"),
    ],
)
def test_a_fault_in_a_page_is_found(book, more, fault):
    write_page(book[1], "index", more)
    with pytest.raises(BookFaulty) as caught:
        check(book)
    assert f"index.html: {fault}" in str(caught.value)
    assert "has 1 faults" in str(caught.value)


@pytest.mark.parametrize(
    "more",
    [
        '<script type="application/json">{"src": "https://cdn.example/a.js"}</script>',
        '<a href="other.html?query=1#there">x</a>',
        '<a href="other.html">x</a>',
        '<link rel="next" href="https://example.org/next">',
        "<code>curl https://cdn.example/a.js</code>",
    ],
)
def test_what_loads_nothing_is_no_fault(book, more):
    write_page(book[1], "index", more)
    check(book)


def test_a_page_that_was_not_rendered_is_missed(book):
    (book[1] / "search.html").unlink()
    with pytest.raises(BookFaulty, match="search: was not rendered"):
        check(book)


def test_an_error_output_is_found_though_the_page_rendered(book):
    output = new_output("error", ename="ValueError", evalue="no such gene", traceback=[])
    notebook = new_notebook(cells=[new_code_cell("1", outputs=[output])])
    nbformat.write(notebook, book[0] / "faulty.ipynb")
    with pytest.raises(BookFaulty, match=r"faulty.ipynb: a cell ended with ValueError: no such"):
        check(book)


def test_an_exception_that_papermill_noted_is_found(book):
    notebook = new_notebook(metadata={"papermill": {"exception": True}})
    nbformat.write(notebook, book[0] / "faulty.ipynb")
    with pytest.raises(BookFaulty, match="papermill noted an exception"):
        check(book)


def test_every_page_must_show_the_banner_of_a_demo_book(book):
    announcement = "<strong>Demo.</strong> Not patients."
    write_page(book[1], "index", banner=BANNER)
    with pytest.raises(BookFaulty, match=r"other.html: the banner must read 'Demo. Not patients.'"):
        check(book, announcement)
    write_page(book[1], "other", banner=BANNER, more='<p id="there"></p>')
    check(book, announcement)


def test_a_real_book_must_not_show_the_banner(book):
    write_page(book[1], "index", banner=BANNER)
    with pytest.raises(BookFaulty, match=r"index.html: the banner must read ''"):
        check(book)


def test_a_path_of_this_machine_is_found(book):
    write_page(book[1], "index", "<pre>/srv/ada/project/helpers/x.py:3: Warning</pre>")
    with pytest.raises(BookFaulty, match=r"index.html: shows a path of this machine"):
        check_book(*book, ["index", "other"], root="/srv/ada/project")
    check_book(*book, ["index", "other"], root="/srv/ada/other")
    check_book(*book, ["index", "other"], root="/project")


def test_all_faults_are_listed_at_once(book):
    write_page(book[1], "index", '<img src="lost.png"><a href="lost.html">x</a>')
    with pytest.raises(BookFaulty, match="has 3 faults"):
        check(book)
